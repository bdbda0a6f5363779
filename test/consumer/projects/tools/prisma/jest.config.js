const { projectOf } = require('../project-of');

// The engine that runs queries is no part of a migration, but `prisma` would load it from a site of
// its own; it does not if it is told where one is.
const environment = 'PRISMA_QUERY_ENGINE_LIBRARY=jest.config.js CHECKPOINT_DISABLE=1';

module.exports = projectOf('prisma', {
  command: `${environment} prisma migrate deploy`,
  inputs: ['migrations/**', 'prisma.config.mjs'],
});
