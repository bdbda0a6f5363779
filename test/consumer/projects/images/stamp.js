const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** Tells which worker this is and what the init script has left on the slave. */
exports.tellStamp = async (name) => {
  const [row] = await pgCluster.slaves[0].query('SELECT id FROM stamp');
  const told = { worker: process.env.JEST_WORKER_ID, stamp: row.id };
  writeFileSync(join(__dirname, `told-${name}.json`), JSON.stringify(told));
};
