const { existsSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setTimeout } = require('node:timers/promises');

test('is in the middle of something', async () => {
  await pgCluster.pauseSlave();
  writeFileSync(join(__dirname, 'in-the-middle'), '');
  while (!existsSync(join(__dirname, 'never'))) await setTimeout(100);
}, 60_000);
