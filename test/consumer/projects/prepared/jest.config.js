const { ENGINE, INPUTS = 'migrations/**,migrate.mjs' } = process.env;

module.exports = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: {
    slaves: 1,
    engine: ENGINE,
    prepare: { command: 'node migrate.mjs', inputs: INPUTS === '' ? undefined : INPUTS.split(',') },
  },
};
