/** What only the local engine has: programs, processes, directories. */
module.exports = { ...require('../support/jest-local'), displayName: 'local only' };
