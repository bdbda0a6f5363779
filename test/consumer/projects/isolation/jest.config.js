module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { slaves: 1, isolation: 'test', engine: process.env.ENGINE },
};
