const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

test('hangs in the middle', async () => {
  await pgCluster.pauseSlave();
  writeFileSync(join(__dirname, 'told-hangs.json'), 'true');
  await new Promise(() => {});
});
