module.exports = {
  displayName: 'consumer',
  testMatch: ['<rootDir>/*.test.ts'],
  transform: { '\\.ts$': ['@swc/jest', require('../swc.json')] },
  globalSetup: '<rootDir>/harness/global-setup.ts',
  globalTeardown: '<rootDir>/harness/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/harness/need-set-up.ts', '<rootDir>/harness/time-limit.ts'],
};
