const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

test('writes and reads', async () => {
  await pgCluster.master.query('CREATE TABLE orders AS SELECT 1 AS id');
  await pgCluster.waitForCatchup();
  expect(await pgCluster.slaves[0].query('SELECT id FROM orders')).toEqual([{ id: 1 }]);
  writeFileSync(
    join(__dirname, 'told-ports.json'),
    JSON.stringify(pgCluster.nodes.map((n) => n.port)),
  );
});
