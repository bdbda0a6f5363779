// Loaded into every Node process of a run: notes who that is, as the package itself says it.
const { appendFileSync } = require('node:fs');
const {
  currentSession,
} = require('./node_modules/jest-environment-pg-cluster/dist/cleanup/session.js');

appendFileSync(process.env.PG_CLUSTER_TEST_OWNERS, `${currentSession().owner}\n`);

// Jest ends a worker by force that is still there half a second after its last file, and says so. That
// may be the system's slowness: only a worker that still does something gets to note it.
const { PG_CLUSTER_TEST_FORCED: forced } = process.env;
if (forced && /jest-worker.*processChild/.test(process.argv[1] ?? '')) {
  process.on('SIGTERM', () => {
    appendFileSync(forced, `${process.pid}\n`);
    process.exit(143);
  });
}
