module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { slaves: 2 },
  setupFilesAfterEnv: ['<rootDir>/after-env.js'],
};
