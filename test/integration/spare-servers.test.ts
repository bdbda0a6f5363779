import { Client } from 'pg';
import { useCluster } from '../support/cluster';
import { rows } from '../support/rows';
import { resetBySpares } from '../support/spares';

describe('spare servers', () => {
  const the = useCluster({ slaves: 2, spareServers: true, superuser: true });

  // In Docker there are none before a cluster has been reset once.
  beforeAll(() => the.pgCluster.reset());

  test('take the place of the cluster’s, with the same URLs and objects', async () => {
    const { pgCluster } = the;
    const known = () => [
      pgCluster.nodes.map(({ name, url }) => [name, url]),
      pgCluster.writer.url,
      pgCluster.reader.url,
    ];
    const [before, nodes] = [known(), pgCluster.nodes];
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    for (let time = 0; time < 3; time += 1) {
      await resetBySpares(the);
      expect(known()).toEqual(before);
      expect(pgCluster.nodes).toEqual(nodes);
      expect(await rows(pgCluster.writer.url, "SELECT to_regclass('t') AS t")).toEqual([
        { t: null },
      ]);
      await rows(pgCluster.writer.url, 'CREATE TABLE t (a int)');
      await pgCluster.waitForCatchup();
      await expect(rows(pgCluster.reader.url, 'TABLE t')).resolves.toEqual([]);
    }
  });

  test('end the sessions of clients', async () => {
    const { pgCluster } = the;
    const client = new Client(pgCluster.masterUrl);
    const ended = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    const sleeping = expect(client.query('SELECT pg_sleep(60)')).rejects.toThrow(
      /terminated|reset/,
    );
    await resetBySpares(the);
    await Promise.all([ended, sleeping]);
  });

  test('have none of what was done on the wire', async () => {
    const { pgCluster } = the;
    const { master, slaves } = pgCluster;
    await master.throttle({ latencyMs: 5000 });
    await master.cutAt('SELECT 1', { times: 5 });
    await slaves[0]?.refuseConnections();
    await slaves[1]?.disconnect();
    await pgCluster.writer.pointTo(...slaves);
    await resetBySpares(the);
    expect(await master.queries({ matching: /SELECT 1/ })).toEqual([]);
    const patience = { connectionTimeoutMillis: 2000, query_timeout: 2000 };
    for (const { url } of [...pgCluster.nodes, pgCluster.writer]) {
      const client = new Client({ connectionString: url, ...patience });
      await client.connect();
      await expect(client.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
      await client.end();
    }
    expect(pgCluster.writer.targets).toEqual([master]);
    expect(await master.queries({ matching: /SELECT 1/ })).toHaveLength(2);
  });

  test('take every fault that the others took', async () => {
    const { pgCluster } = the;
    await resetBySpares(the);
    const [pg1, pg2] = pgCluster.slaves;
    await pg1?.disconnect({ from: 'cluster' });
    await rows(pgCluster.masterUrl, 'CREATE TABLE cut_off (a int)');
    await pgCluster.waitForCatchup({ node: 'pg2' });
    const seen = `SELECT to_regclass('cut_off') IS NOT NULL AS seen`;
    expect(await rows(String(pg1?.url), seen)).toEqual([{ seen: false }]);
    expect(await rows(String(pg2?.url), seen)).toEqual([{ seen: true }]);
    await pg1?.reconnect();
    await pgCluster.waitForCatchup();
    expect(await rows(String(pg1?.url), seen)).toEqual([{ seen: true }]);
    await pgCluster.killMaster();
    await pgCluster.failover();
    await pgCluster.rejoin(pgCluster.node('pg0'));
    const added = await pgCluster.addSlave();
    await rows(pgCluster.writer.url, 'CREATE TABLE later (a int)');
    await pgCluster.waitForCatchup();
    await expect(rows(added.url, 'TABLE later')).resolves.toEqual([]);
    await resetBySpares(the);
    expect(pgCluster.nodes.map(({ name }) => name)).toEqual(['pg0', 'pg1', 'pg2']);
    expect(pgCluster.master.name).toBe('pg0');
  });

  test('leave what the former servers have logged', async () => {
    const { pgCluster } = the;
    const log = (what: string) =>
      rows(pgCluster.masterUrl, `DO $$ BEGIN RAISE LOG '${what}'; END $$`);
    await log('the first');
    await resetBySpares(the);
    await log('the second');
    await resetBySpares(the);
    const since = Date.now();
    await log('the third');
    const all = await pgCluster.master.logs();
    expect(all.match(/the (first|second|third)(?=\n)/g)).toEqual([
      'the first',
      'the second',
      'the third',
    ]);
    const late = await the.cluster.master.logs(since);
    expect(late.match(/LOG: {2}the \w+/g)).toEqual(['LOG:  the third']);
  });
});
