module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: {
    engine: process.env.ENGINE,
    slaves: 1,
    logs: process.env.LOGS,
  },
};
