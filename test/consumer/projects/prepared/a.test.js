const { existsSync } = require('node:fs');
const { setTimeout } = require('node:timers/promises');
const { tellTables } = require('./tell-tables');

test('file a finds the tables on every node', () => tellTables('a'));

test('a reset brings back what it was born with', async () => {
  const born = await pgCluster.master.query('TABLE stamp');
  // Somebody else may have others prepare data meanwhile.
  while (existsSync('stay')) await setTimeout(50);
  await pgCluster.reset();
  await pgCluster.addSlave();
  for (const node of pgCluster.nodes) expect(await node.query('TABLE stamp')).toEqual(born);
});
