module.exports = {
  preset: 'jest-environment-pg-cluster',
  // No image of a former run may answer.
  testEnvironmentOptions: {
    init: 'schema',
    settings: { 'test.unseen': require('node:crypto').randomUUID() },
  },
};
