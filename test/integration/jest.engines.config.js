const { join } = require('node:path');

const { testMatch: _, ...shared } = require('../support/jest-docker');
/** Of test/docker, what does not depend on which Docker it is. */
const ofDocker = ['acts', 'app-in-a-container', 'disk', 'restore'];

/** The integration suite, domain/ included, on the engine that run.ts has started. */
module.exports = {
  ...shared,
  displayName: 'engines',
  rootDir: join(__dirname, '..'),
  testMatch: [
    '<rootDir>/integration/**/*.test.ts',
    ...ofDocker.map((file) => `<rootDir>/docker/${file}.test.ts`),
  ],
  maxWorkers: 2,
  testTimeout: 180_000,
};
