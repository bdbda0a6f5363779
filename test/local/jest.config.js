const shared = require('../integration/jest.local.config');

/** What only the local engine has: programs, processes, directories. */
module.exports = {
  ...shared,
  displayName: 'local only',
  rootDir: __dirname,
  setupFiles: ['<rootDir>/../integration/on-local.ts'],
};
