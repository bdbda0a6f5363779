// As a team would have it, with options about tests among the others.
module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: {
    engine: 'local',
    slaves: 1,
    init: './schema.sql',
    isolation: 'file',
    logs: 'never',
    customExportConditions: ['node'],
  },
};
