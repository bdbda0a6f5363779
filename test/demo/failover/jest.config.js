module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { engine: 'local', slaves: 2, synchronous: 1 },
};
