const { existsSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setTimeout } = require('node:timers/promises');

test('is in the middle of something', async () => {
  await pgCluster.pauseSlave();
  const told = { pid: process.pid, port: pgCluster.master.port };
  writeFileSync(join(__dirname, `told-${process.env.JEST_WORKER_ID}.json`), JSON.stringify(told));
  if (process.env.WAIT) while (!existsSync(join(__dirname, 'go-on'))) await setTimeout(50);
}, 90_000);
