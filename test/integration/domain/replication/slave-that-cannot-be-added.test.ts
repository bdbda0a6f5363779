import { Client, type ClientConfig } from 'pg';
import { addSlave } from '../../../../src/cluster/lifecycle/membership';
import { ownSettings } from '../../../../src/cluster/settings/cluster-settings';
import { start } from '../../../support/cluster';
import { expectNothingLeft } from '../../../support/leftovers';

afterEach(expectNothingLeft);

describe('a slave that cannot be added', () => {
  const senders = 'SELECT application_name::text AS n FROM pg_stat_replication ORDER BY 1';
  const names = 'SHOW synchronous_standby_names';
  const slots = 'SELECT slot_name FROM pg_replication_slots';

  const reasonFor = async (adding: Promise<unknown>) => {
    const refused: unknown = await adding.catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'ERR_PG_CLUSTER_START' });
    return refused instanceof Error ? refused.message : '';
  };

  /** A session that takes one of `max_wal_senders`. */
  const sender = async (connectionString: string) => {
    const client = new Client({ connectionString, replication: 'database' } as ClientConfig);
    client.on('error', () => {});
    await client.connect();
    return client;
  };

  test('says why, with its log, and leaves nothing', async () => {
    await using the = await start({ slaves: 2, synchronous: 1, superuser: true });
    const { pgCluster } = the;
    const before = await pgCluster.master.query(names);
    const free = Number(ownSettings.max_wal_senders) - pgCluster.slaves.length;
    const taken = await Promise.all(
      Array.from({ length: free }, () => sender(pgCluster.masterUrl)),
    );
    const why = await reasonFor(addSlave(the.cluster, { slot: true }, 2000));
    expect(why).toMatch(
      /^pg3 could not be added as a slave of pg0: .*\nThe end of the log of pg3:/,
    );
    expect(why).toMatch(/exceeds "max_wal_senders"/);
    expect(pgCluster.nodes.map(({ name }) => name)).toEqual(['pg0', 'pg1', 'pg2']);
    await expect(pgCluster.master.query(names)).resolves.toEqual(before);
    await expect(pgCluster.master.query(slots)).resolves.toEqual([]);

    // There is room now, which nobody but the next takes.
    await Promise.all(taken.map((client) => client.end()));
    await pgCluster.heal();
    await pgCluster.addSlave();
    expect(await pgCluster.master.query(senders)).toEqual([
      { n: 'pg1' },
      { n: 'pg2' },
      { n: 'pg4' },
    ]);
    await pgCluster.reset();
    const refused = await reasonFor(pgCluster.addSlave({ settings: { max_connections: 7 } }));
    expect(refused).toMatch(/^pg3 could not be added (.|\n)*max_connections = 7 is a lower/);
    expect(await pgCluster.status()).toMatchObject({
      nodes: [{ streaming: false }, { streaming: true }, { streaming: true }],
    });
  });
});
