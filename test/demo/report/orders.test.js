const { Client } = require('pg');

test('an order is written once, whatever happens', async () => {
  await pgCluster.master.query('CREATE TABLE orders (item text)');
  const ledger = await pgCluster.ledger();
  await ledger.waitFor('acknowledged', 30);

  await pgCluster.node('pg2').pauseReplay();
  await pgCluster.master.cutAt('COMMIT');
  await order('tea').catch(() => {});
  await ledger.waitFor('acknowledged', 30);
  await pgCluster.node('pg2').resumeReplay();
  await pgCluster.waitForCatchup();

  await pgCluster.killMaster();
  await ledger.waitFor('failed', 5);
  await pgCluster.failover();
  // The application has not heard that its order was done.
  await order('tea');
  await ledger.waitFor('acknowledged', 30);
  await pgCluster.rejoin('pg0');
  await ledger.stop();
  expect(await pgCluster.master.query('TABLE orders')).toEqual([{ item: 'tea' }]);
});

/** An application's transaction. */
async function order(item) {
  const client = new Client(PG_WRITER_URL);
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO orders VALUES ($1)', [item]);
    await client.query('COMMIT');
  } finally {
    await client.end().catch(() => {});
  }
}
