const { Client } = require('pg');

/**
 * What the README's table of engines promises, by the titles of its columns. Each act takes a cluster
 * with a slave and bounded disks, heals it, and the client of the engine that it is on.
 */
module.exports = {
  async start({ pgCluster }) {
    await write(pgCluster, 'start');
    const nodes = await statusOfAll(pgCluster);
    expect(nodes.filter(({ streaming }) => streaming)).toHaveLength(pgCluster.slaves.length);
    await expectOnSlave(pgCluster, 'start');
  },

  async pause({ pgCluster }) {
    await write(pgCluster, 'pause');
    await pgCluster.waitForCatchup();
    await pgCluster.pauseMaster();
    await expectToHang(pgCluster.masterUrl);
    await expectOnSlave(pgCluster, 'pause');
    await pgCluster.unpauseMaster();
    await query(pgCluster.masterUrl, 'SELECT 1');
  },

  async kill({ pgCluster }) {
    await write(pgCluster, 'kill');
    await pgCluster.killMaster();
    await expect(query(pgCluster.masterUrl, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    await pgCluster.heal();
    await query(pgCluster.masterUrl, `TABLE "kill"`);
    await pgCluster.waitForCatchup();
  },

  async disconnect({ pgCluster }) {
    const [slave] = pgCluster.slaves;
    await slave.disconnect({ from: 'cluster' });
    await write(pgCluster, 'disconnect');
    const tables = `SELECT * FROM pg_tables WHERE tablename = 'disconnect'`;
    expect(await query(slave.url, tables)).toEqual([]);
    await slave.reconnect();
    await expectOnSlave(pgCluster, 'disconnect');
    await pgCluster.master.disconnect({ from: 'clients' });
    await expectToHang(pgCluster.masterUrl);
    await pgCluster.master.reconnect();
    await query(pgCluster.masterUrl, 'SELECT 1');
  },

  async throttle({ pgCluster }) {
    await pgCluster.master.throttle({ latencyMs: 500 });
    await expectToHang(pgCluster.masterUrl, 400);
    await query(pgCluster.masterUrl, 'SELECT 1');
    await pgCluster.master.unthrottle();
  },

  async fillDisk({ pgCluster }) {
    const insert = `INSERT INTO full_disk SELECT repeat('x', 100) FROM generate_series(1, 10000)`;
    await query(pgCluster.masterUrl, 'CREATE TABLE full_disk (a text)');
    await pgCluster.master.fillDisk();
    await expect(query(pgCluster.masterUrl, insert)).rejects.toMatchObject({ code: '53100' });
    await pgCluster.master.freeDisk();
    await query(pgCluster.masterUrl, insert);
    await pgCluster.waitForCatchup();
  },

  async snapshot({ pgCluster }) {
    await write(pgCluster, 'snapshot');
    await pgCluster.waitForCatchup();
    await pgCluster.snapshot('before');
    await query(pgCluster.masterUrl, 'DROP TABLE "snapshot"');
    await pgCluster.restore('before');
    await query(pgCluster.masterUrl, 'TABLE "snapshot"');
    await expectOnSlave(pgCluster, 'snapshot');
  },

  async failover({ pgCluster }) {
    const before = pgCluster.master;
    await pgCluster.killMaster();
    expect((await pgCluster.failover()).name).not.toBe(before.name);
    await write(pgCluster, 'failover');
    await pgCluster.rejoin(before.name);
    await expectOnSlave(pgCluster, 'failover');
    await pgCluster.reset();
  },

  /** Not ours, in a container of its own. */
  async app({ pgCluster, docker }) {
    await write(pgCluster, 'app');
    await pgCluster.waitForCatchup();
    const app = await docker.createContainer({
      Image: 'postgres:17',
      Entrypoint: ['psql', pgCluster.slaves[0].internalUrl, '-c', 'TABLE app'],
      Cmd: [],
      HostConfig: { NetworkMode: pgCluster.network },
    });
    try {
      await app.start();
      expect(await app.wait()).toMatchObject({ StatusCode: 0 });
    } finally {
      await app.remove({ force: true, v: true });
    }
  },
};

/** Looks again only if a node has not answered within two seconds: on the way to some engines it may need more. */
async function statusOfAll(pgCluster) {
  for (let looks = 1; ; looks += 1) {
    const { nodes } = await pgCluster.status();
    if (looks === 10 || nodes.every(({ answers }) => answers)) return nodes;
  }
}

async function query(connectionString, sql) {
  const client = new Client({ connectionString, connectionTimeoutMillis: 15_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const write = ({ masterUrl }, table) => query(masterUrl, `CREATE TABLE "${table}" ()`);

async function expectOnSlave(pgCluster, table) {
  if (pgCluster.master.state === 'running') await pgCluster.waitForCatchup();
  await query(pgCluster.slaves[0].url, `TABLE "${table}"`);
}

/** Nothing is refused or closed. */
async function expectToHang(connectionString, connectionTimeoutMillis = 700) {
  const client = new Client({ connectionString, connectionTimeoutMillis });
  client.on('error', () => {});
  await expect(client.connect()).rejects.toThrow(/^timeout expired$/);
}
