/** What both engines have, on Docker. */
module.exports = { ...require('../support/jest-docker'), displayName: 'integration' };
