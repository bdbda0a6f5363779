module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { engine: 'docker', slaves: 1, diskLimitMb: 96 },
  testTimeout: 60_000,
};
