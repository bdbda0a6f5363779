module.exports = {
  displayName: 'browser',
  testMatch: ['<rootDir>/**/*.test.ts'],
  transform: { '\\.ts$': ['@swc/jest', require('../swc.json')] },
};
