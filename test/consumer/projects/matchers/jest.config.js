const testEnvironmentOptions = { engine: 'local', slaves: 1 };

module.exports = {
  projects: [
    {
      displayName: 'preset',
      preset: 'jest-environment-pg-cluster',
      testEnvironmentOptions,
      testMatch: ['<rootDir>/preset.test.js'],
      setupFilesAfterEnv: ['<rootDir>/own-matcher.js'],
    },
    {
      displayName: 'listed',
      testEnvironment: 'pg-cluster',
      testEnvironmentOptions,
      testMatch: ['<rootDir>/listed.test.js'],
      setupFilesAfterEnv: ['jest-environment-pg-cluster/matchers'],
      injectGlobals: false,
    },
  ],
};
