const { globalSetup: _, globalTeardown: __, ...shared } = require('./jest.config');

/** The same files, on the local engine: no Docker is needed, so none is started. */
module.exports = {
  ...shared,
  displayName: 'local',
  rootDir: __dirname,
  setupFiles: ['<rootDir>/on-local.ts'],
};
