const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** Makes a table and tells which cluster this is, and which tables it has. */
exports.tellOwnCluster = async (name) => {
  await pgCluster.master.query(`CREATE TABLE of_file_${name} ()`);
  const tables = await pgCluster.master.query(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  const told = {
    worker: process.env.JEST_WORKER_ID,
    ports: pgCluster.nodes.map(({ port }) => port),
    password: process.env.PGPASSWORD,
    tables: tables.map(({ tablename }) => tablename),
  };
  writeFileSync(join(__dirname, `told-${name}.json`), JSON.stringify(told));
};
