/** What only Docker has: images, containers, networks. */
module.exports = { ...require('../integration/jest.config'), displayName: 'docker' };
