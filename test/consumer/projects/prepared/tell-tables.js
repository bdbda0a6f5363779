const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** Tells which tables each node has. */
exports.tellTables = async (name) => {
  const tables = await Promise.all(
    pgCluster.nodes.map((node) =>
      node.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"),
    ),
  );
  const told = {
    worker: process.env.JEST_WORKER_ID,
    tables: tables.map((found) => found.map(({ tablename }) => tablename).join()),
  };
  writeFileSync(join(__dirname, `told-${name}.json`), JSON.stringify(told));
};
