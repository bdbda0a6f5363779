module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { slavs: 1, heal: 'yes', synchronous: 3, init: 'nowhere.sql' },
};
