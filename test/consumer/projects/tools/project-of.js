/** The Jest config of a tool's folder, in which `prepare` runs its migrations. */
exports.projectOf = (displayName, prepare) => ({
  displayName,
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { engine: process.env.ENGINE, slaves: 1, prepare },
});
