/** The same files, on the local engine. */
module.exports = {
  ...require('../support/jest-local'),
  displayName: 'local',
  rootDir: __dirname,
};
