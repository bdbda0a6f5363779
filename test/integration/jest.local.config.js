/** The same files, and those of domain/, on the local engine. */
module.exports = {
  ...require('../support/jest-local'),
  displayName: 'local',
  rootDir: __dirname,
};
