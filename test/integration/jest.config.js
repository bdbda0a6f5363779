/** What both engines have, on Docker: what does not depend on the engine is tried on the cheaper one. */
module.exports = {
  ...require('../support/jest-docker'),
  displayName: 'integration',
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/domain/'],
};
