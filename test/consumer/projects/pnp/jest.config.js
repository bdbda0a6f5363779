module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: {
    slaves: 1,
    engine: process.env.ENGINE,
    // With a process of its own; in Docker it takes another image.
    networkFaults: process.env.ENGINE === 'local',
  },
};
