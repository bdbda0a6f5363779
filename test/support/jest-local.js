const { join } = require('node:path');
const {
  globalSetup: _,
  globalTeardown: __,
  setupFilesAfterEnv: ___,
  ...shared
} = require('./jest-docker');

/** The same on the local engine: no Docker is needed, so none is started. */
module.exports = {
  ...shared,
  setupFiles: [...shared.setupFiles, join(__dirname, 'on-local.ts')],
};
