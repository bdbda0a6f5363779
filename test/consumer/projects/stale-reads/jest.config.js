module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { slaves: 1, staleReads: true, ...JSON.parse(process.env.OPTIONS) },
};
