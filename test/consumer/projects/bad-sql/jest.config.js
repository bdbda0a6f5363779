module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { init: 'schema' },
};
