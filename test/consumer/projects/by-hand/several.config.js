const project = (name, slaves) => ({
  displayName: name,
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: { engine: 'local', slaves },
});

module.exports = { projects: [project('alone', 0), project('replicated', 1)] };
