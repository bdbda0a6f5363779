module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { engine: 'local', slaves: 1, logs: 'never' },
  reporters: [
    'default',
    ['jest-environment-pg-cluster/reporter', JSON.parse(process.env.REPORTER ?? '{}')],
  ],
};
