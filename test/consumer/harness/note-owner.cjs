// Loaded into every Node process of a run: notes who that is, as the package itself says it.
const { appendFileSync } = require('node:fs');
const {
  currentSession,
} = require('./node_modules/jest-environment-pg-cluster/dist/cleanup/session.js');

appendFileSync(process.env.PG_CLUSTER_TEST_OWNERS, `${currentSession().owner}\n`);
