module.exports = {
  testEnvironment: 'pg-cluster',
  testEnvironmentOptions: { slaves: 2, user: 'someone', database: 'things' },
};
