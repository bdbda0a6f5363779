module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { engine: 'local', slaves: 2, logs: 'never' },
  reporters: [['jest-environment-pg-cluster/reporter', { folder: process.env.REPORT, sql: true }]],
};
