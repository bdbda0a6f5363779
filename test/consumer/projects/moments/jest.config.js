module.exports = {
  preset: 'jest-environment-pg-cluster',
  setupFiles: ['./before-start.js'],
  testEnvironmentOptions: {
    slaves: 2,
    engine: process.env.ENGINE,
    // One that no template has yet, when building is what the run is about.
    settings: process.env.STAMP ? { 'moments.stamp': process.env.STAMP } : {},
  },
};
