const { join } = require('node:path');

/** What all projects have whose tests start clusters themselves. */
module.exports = {
  testMatch: ['<rootDir>/**/*.test.ts'],
  transform: { '\\.ts$': ['@swc/jest', require('../swc.json')] },
  setupFiles: [join(__dirname, 'suppressed-error.ts')],
  globalSetup: join(__dirname, '../engine/global-setup.ts'),
  globalTeardown: join(__dirname, '../engine/global-teardown.ts'),
  setupFilesAfterEnv: [join(__dirname, 'need-engine.ts')],
};
