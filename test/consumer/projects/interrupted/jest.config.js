module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: {
    slaves: 1,
    engine: process.env.ENGINE,
    tls: process.env.TLS === '1',
  },
};
