import { Client } from 'pg';
import type { PgEndpoint } from '../../../src/handle/pg-endpoint';
import { start, useCluster } from '../../support/cluster';
import { failure } from '../../support/failure';
import { rows } from '../../support/rows';
import { until } from '../../support/until';

const the = useCluster({ slaves: 2 });
afterEach(() => the.pgCluster.heal());

/** The node that a new client of an endpoint gets to; cluster_name is the node's name. */
const nodeBehind = async ({ url }: PgEndpoint): Promise<unknown> => {
  const [row] = await rows(url, `SELECT current_setting('cluster_name') AS name`);
  return row?.name;
};

const several = async (endpoint: PgEndpoint, times = 6) => {
  const seen = [];
  for (let time = 0; time < times; time += 1) seen.push(await nodeBehind(endpoint));
  return [...new Set(seen)].sort();
};

const names = ({ targets }: PgEndpoint) => targets.map(({ name }) => name);

describe('the writer', () => {
  test('leads to the master, whoever that is, by the same URL', async () => {
    const { pgCluster } = the;
    const { writer } = pgCluster;
    const { url } = writer;
    for (const change of ['failover', 'switchover'] as const) {
      if (change === 'failover') await pgCluster.killMaster();
      const master = await pgCluster[change]();
      expect(names(writer)).toEqual([master.name]);
      await expect(nodeBehind(writer)).resolves.toBe(master.name);
      await rows(writer.url, 'CREATE TABLE IF NOT EXISTS written (a int)');
      await pgCluster.heal();
    }
    expect(pgCluster.writer.url).toBe(url);
    await pgCluster.reset();
    await expect(nodeBehind(writer)).resolves.toBe('pg0');
    expect(names(writer)).toEqual(['pg0']);
  });

  test('refuses while there is no master that runs', async () => {
    await the.pgCluster.stopMaster();
    await expect(nodeBehind(the.pgCluster.writer)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await the.pgCluster.startMaster();
    await expect(nodeBehind(the.pgCluster.writer)).resolves.toBe(the.pgCluster.master.name);
  });

  test('ends sessions on the former master, or keeps them, as a DNS name does', async () => {
    const { pgCluster } = the;
    const connect = async () => {
      const client = new Client(pgCluster.writer.url);
      const ended = new Promise<void>((resolve) => client.on('end', resolve));
      client.on('error', () => {});
      await client.connect();
      return { client, ended };
    };
    const [one, other] = pgCluster.slaves;
    const first = await connect();
    await pgCluster.writer.pointTo(one ?? '');
    await first.ended;

    await pgCluster.writer.follow({ keepSessions: true });
    const kept = await connect();
    await pgCluster.writer.pointTo(other ?? '');
    await expect(kept.client.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
    await kept.client.end();
  });

  test('pointed at a slave by hand, writes get 25006, until heal', async () => {
    const { pgCluster } = the;
    await pgCluster.writer.pointTo('pg1');
    await expect(rows(pgCluster.writer.url, 'CREATE TABLE wrong (a int)')).rejects.toMatchObject({
      code: '25006',
    });
    await pgCluster.switchover({ to: 'pg2' });
    expect(names(pgCluster.writer)).toEqual(['pg1']);
    await pgCluster.heal();
    expect(names(pgCluster.writer)).toEqual(['pg2']);
    await pgCluster.writer.pointTo();
    await expect(nodeBehind(pgCluster.writer)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await pgCluster.writer.follow();
    await expect(nodeBehind(pgCluster.writer)).resolves.toBe('pg2');
    expect(
      pgCluster.timeline.filter(({ act }) => act.includes('writer')).map(({ act }) => act),
    ).toEqual(expect.arrayContaining(['point the writer', 'have the writer follow']));
  });

  test('moves late if it is told to', async () => {
    const { pgCluster } = the;
    const before = pgCluster.master.name;
    await pgCluster.writer.follow({ delayMs: 1500 });
    const after = (await pgCluster.switchover()).name;
    expect(names(pgCluster.writer)).toEqual([before]);
    await expect(nodeBehind(pgCluster.writer)).resolves.toBe(before);
    await until('it to move', () => names(pgCluster.writer)[0] === after);
    await expect(nodeBehind(pgCluster.writer)).resolves.toBe(after);
    await until('the timeline to tell', () =>
      pgCluster.timeline.some(
        ({ act, detail }) => act === 'the writer moves' && detail === `to ${after}`,
      ),
    );
  });
});

describe('the reader', () => {
  test('goes round the slaves that answer, and to the master when none does', async () => {
    const { pgCluster } = the;
    const { reader } = pgCluster;
    await pgCluster.reset();
    await expect(several(reader)).resolves.toEqual(['pg1', 'pg2']);
    await pgCluster.node('pg1').pause();
    await expect(several(reader)).resolves.toEqual(['pg2']);
    await pgCluster.node('pg2').kill();
    await expect(several(reader, 2)).resolves.toEqual(['pg0']);
    await pgCluster.heal();
    await expect(several(reader)).resolves.toEqual(['pg1', 'pg2']);
    await pgCluster.node('pg2').disconnect({ from: 'clients' });
    await expect(several(reader)).resolves.toEqual(['pg1']);
  });

  test('knows slaves that come and go, and not a former master', async () => {
    const { pgCluster } = the;
    const { reader } = pgCluster;
    await pgCluster.reset();
    const added = await pgCluster.addSlave();
    await expect(several(reader, 9)).resolves.toEqual(['pg1', 'pg2', added.name]);
    await pgCluster.removeSlave(added);
    await pgCluster.failover({ to: 'pg1', force: true });
    // The former master runs, and would tell what no one else knows.
    await expect(several(reader)).resolves.toEqual(['pg2']);
    await pgCluster.rejoin('pg0');
    await expect(several(reader)).resolves.toEqual(['pg0', 'pg2']);
  });
});

test('arguments are checked', async () => {
  const { writer } = the.pgCluster;
  await expect(writer.follow({ delayMs: -1 })).rejects.toMatchObject(
    failure('ARGUMENT', /^follow\(\): delayMs/),
  );
  await expect(writer.pointTo('pg9')).rejects.toMatchObject(failure('ARGUMENT', /no node "pg9"/));
});

test('without a wire there is no endpoint that moves', async () => {
  await using without = await start({ slaves: 0, wire: false });
  expect(() => without.pgCluster.writer).toThrow(
    expect.objectContaining(failure('UNSUPPORTED', /^there is no writer: .*`wire` is false/)),
  );
});
