module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: {
    slaves: 1,
    engine: process.env.ENGINE,
    lifetime: process.env.LIFETIME,
    tls: process.env.TLS === '1',
  },
};
