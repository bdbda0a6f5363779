module.exports = {
  displayName: 'integration',
  testMatch: ['<rootDir>/**/*.test.ts'],
  transform: { '\\.ts$': ['@swc/jest', require('../swc.json')] },
  globalSetup: '<rootDir>/../engine/global-setup.ts',
  globalTeardown: '<rootDir>/../engine/global-teardown.ts',
};
