module.exports = {
  displayName: 'browser',
  testMatch: ['<rootDir>/**/*.test.ts'],
  globalSetup: '<rootDir>/global-setup.ts',
  transform: { '\\.ts$': ['@swc/jest', require('../swc.json')] },
};
