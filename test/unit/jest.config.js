module.exports = {
  displayName: 'unit',
  testMatch: ['<rootDir>/**/*.test.ts'],
  transform: { '\\.ts$': ['@swc/jest', require('../swc.json')] },
};
