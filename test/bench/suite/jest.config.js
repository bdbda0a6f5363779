const { join } = require('node:path');

const { SUITE_ROOT, SUITE_BY, SUITE_ENGINE, SUITE_LIFETIME, SUITE_REPORTER } = process.env;

module.exports = {
  testTimeout: 60_000,
  // What the hooks of recipe and testcontainers import is TypeScript.
  transform: { '\\.ts$': [join(SUITE_ROOT, 'node_modules', '@swc', 'jest'), {}] },
  modulePaths: [join(SUITE_ROOT, 'node_modules')],
  ...(SUITE_REPORTER !== undefined && {
    reporters: [
      'default',
      [join(SUITE_ROOT, 'dist', 'report', 'reporter.js'), { keep: SUITE_REPORTER }],
    ],
  }),
  ...(SUITE_BY === undefined && {
    testEnvironment: join(SUITE_ROOT, 'dist', 'index.js'),
    testEnvironmentOptions: { engine: SUITE_ENGINE, lifetime: SUITE_LIFETIME, slaves: 2 },
  }),
};
