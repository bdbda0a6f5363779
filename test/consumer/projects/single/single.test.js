const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

test('writes and reads', async () => {
  await pgCluster.master.query('CREATE TABLE orders AS SELECT 1 AS id');
  await pgCluster.waitForCatchup();
  expect(await pgCluster.slaves[0].query('SELECT id FROM orders')).toEqual([{ id: 1 }]);
  // At the same time, of the same nodes.
  await Promise.all([pgCluster.status(), pgCluster.status(), pgCluster.waitForCatchup()]);
  writeFileSync(
    join(__dirname, 'told-ports.json'),
    JSON.stringify(pgCluster.nodes.map((n) => n.port)),
  );
});
