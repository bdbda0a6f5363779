const { writeFileSync } = require('node:fs');
const { Client } = require('pg');

const writes = [];
const roles = [];

test('an application writes through a failover, and loses nothing', async () => {
  await pgCluster.master.query('CREATE TABLE orders (id int)');
  const beganAt = Date.now();
  const writer = startWriter();
  const sampler = setInterval(noteRoles, 2);
  noteRoles();

  await writer.hasWritten('acknowledged', 15);
  await pgCluster.killMaster();
  await writer.hasWritten('failed', 8);
  await pgCluster.failover();
  await writer.hasWritten('acknowledged', 15);
  await pgCluster.rejoin('pg0');
  await writer.hasWritten('acknowledged', 15);

  clearInterval(sampler);
  noteRoles();
  const endedAt = Date.now();
  await writer.stop();
  await pgCluster.waitForCatchup();

  const acknowledged = writes.filter((write) => write.outcome === 'acknowledged');
  for (const node of pgCluster.nodes) {
    const rows = await node.query('SELECT id FROM orders');
    const ids = new Set(rows.map(({ id }) => id));
    expect(acknowledged.filter(({ id }) => !ids.has(id))).toEqual([]);
  }
  const acts = pgCluster.timeline.filter(({ startedAt }) => startedAt >= beganAt);
  writeFileSync(process.env.RECORDING, JSON.stringify({ beganAt, endedAt, acts, roles, writes }));
});

/** Every change of a node's role or state. */
function noteRoles() {
  for (const { name, role, state } of pgCluster.nodes) {
    const is = state === 'stopped' ? 'stopped' : role;
    const last = roles.findLast(({ node }) => node === name);
    if (last?.is !== is) roles.push({ node: name, is, at: Date.now() });
  }
}

/** An application: one insert every few milliseconds, to whoever is master. */
function startWriter() {
  let isOver = false;
  let client;
  const write = async (id) => {
    const { name, url } = pgCluster.master;
    if (client?.node !== name) {
      await client?.end().catch(() => {});
      client = new Client({ connectionString: url, query_timeout: 1000 });
      client.node = name;
      client.on('error', () => {});
    }
    try {
      if (!client.isConnected) await client.connect();
      client.isConnected = true;
      await client.query('INSERT INTO orders VALUES ($1)', [id]);
      writes.push({ id, node: name, at: Date.now(), outcome: 'acknowledged' });
    } catch {
      client = undefined;
      writes.push({ id, node: name, at: Date.now(), outcome: 'failed' });
    }
  };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 12));
  const running = (async () => {
    for (let id = 1; !isOver; id += 1) {
      await write(id);
      await pause();
    }
    await client?.end();
  })();
  const count = (outcome) => writes.filter((write) => write.outcome === outcome).length;
  return {
    hasWritten: async (outcome, more) => {
      const enough = count(outcome) + more;
      while (count(outcome) < enough) await pause();
    },
    stop: () => {
      isOver = true;
      return running;
    },
  };
}
