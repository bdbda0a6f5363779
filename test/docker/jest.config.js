/** What only Docker has: images, containers, networks. */
module.exports = { ...require('../support/jest-docker'), displayName: 'docker' };
