module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { engine: 'local', slaves: 1 },
};
