import { Client } from 'pg';
import { lacks } from '../../src/engine/registry';
import { useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { failure } from '../support/failure';
import { rows } from '../support/rows';

const the = useCluster({ slaves: 0, wire: false });

test('faults that this engine lacks say why and change nothing; the rest works', async () => {
  const { master } = the.pgCluster;
  const unbounded = {
    code: 'ERR_PG_CLUSTER_UNSUPPORTED',
    message: `the disk of pg0 cannot be filled: there are no disk faults on engine '${engine}', since ${lacks[engine]['disk faults']}`,
  };
  await expect(master.fillDisk()).rejects.toMatchObject(unbounded);
  await expect(master.freeDisk()).rejects.toThrow(/^the disk of pg0 cannot be freed: /);
  await expect(master.query('CREATE TABLE works (a int)')).resolves.toEqual([]);
  expect(the.cluster.faults.all).toEqual([]);
});

describe('without a wire', () => {
  test('clients connect to the server itself', async () => {
    const { master } = the.pgCluster;
    expect(the.cluster.master.wired).toBeUndefined();
    await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await expect(master.dropConnections()).resolves.toBe(0);
  });

  test('a disconnected node hangs where the engine can drop packets, and otherwise says why', async () => {
    const { master } = the.pgCluster;
    const why = lacks[engine]['network faults'];
    const client = new Client({ connectionString: master.url, query_timeout: 500 });
    client.on('error', () => {});
    await client.connect();
    if (why === undefined) {
      await master.disconnect();
      await expect(client.query('SELECT 1')).rejects.toThrow(/timeout/);
      await expect(master.query('SELECT 1')).rejects.toMatchObject(
        failure('STATE', /^pg0 cannot answer a query: it is disconnected from its clients; reconn/),
      );
    } else {
      await expect(master.disconnect()).rejects.toMatchObject(failure('UNSUPPORTED', why));
      await expect(client.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
    }
    await the.pgCluster.heal();
    await client.end().catch(() => {});
  });

  test('what the wire is needed for says so', async () => {
    const { master } = the.pgCluster;
    await expect(master.silenceConnections()).rejects.toMatchObject(
      failure(
        'UNSUPPORTED',
        /^pg0 cannot have its connections silenced: nothing stands between .*option `wire` is false; leave that out$/,
      ),
    );
    expect(the.cluster.faults.all).toEqual([]);
  });
});
