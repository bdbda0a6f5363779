import { Client } from 'pg';
import { lacks } from '../../src/engine/registry';
import { useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { failure } from '../support/failure';

// As a user gets it who asks for nothing.
const the = useCluster({ slaves: 0, networkFaults: false });

test('faults that this engine lacks say why and change nothing; the rest works', async () => {
  const { master } = the.pgCluster;
  const why = lacks[engine]['network faults'];
  for (const act of [() => master.disconnect(), () => master.silenceConnections()]) {
    const client = new Client({ connectionString: master.url, query_timeout: 500 });
    client.on('error', () => {});
    await client.connect();
    if (why === undefined) {
      await act();
      await expect(client.query('SELECT 1')).rejects.toThrow(/timeout/);
    } else {
      await expect(act()).rejects.toMatchObject(failure('UNSUPPORTED', why));
      await expect(client.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
    }
    await the.pgCluster.heal();
    await client.end().catch(() => {});
  }
  const unbounded = {
    code: 'ERR_PG_CLUSTER_UNSUPPORTED',
    message: `the disk of pg0 cannot be filled: there are no disk faults on engine '${engine}', since ${lacks[engine]['disk faults']}`,
  };
  await expect(master.fillDisk()).rejects.toMatchObject(unbounded);
  await expect(master.freeDisk()).rejects.toThrow(/^the disk of pg0 cannot be freed: /);
  await expect(master.query('CREATE TABLE works (a int)')).resolves.toEqual([]);
  expect(the.cluster.faults.all).toEqual([]);
});
