import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { useCluster } from '../support/cluster';
import { dataOf } from '../support/local-servers';
import { rows } from '../support/rows';
import { until } from '../support/until';

const the = useCluster({ slaves: 2, synchronous: 1, superuser: true });

test('a change of settings waits for a postmaster that is slow to read its files', async () => {
  const { pgCluster } = the;
  const pid = Number(readFileSync(join(dataOf('pg0'), 'postmaster.pid'), 'utf8').split('\n')[0]);
  const open = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const session = new Client(pgCluster.masterUrl);
      await session.connect();
      return session;
    }),
  );
  const seen = async () => {
    const shown = open.map((session) => session.query('SHOW synchronous_standby_names'));
    return new Set((await Promise.all(shown)).map((result) => result.rows[0]));
  };
  let isDone = false;
  // Those that it has made go on meanwhile.
  process.kill(pid, 'SIGSTOP');
  try {
    const removing = pgCluster.removeSlave(pgCluster.node('pg2')).then(() => {
      isDone = true;
    });
    const written = `SELECT setting FROM pg_file_settings
      WHERE name = 'synchronous_standby_names' ORDER BY seqno DESC LIMIT 1`;
    await until('the names to be written', async () => {
      const names = (await open[0]?.query(written))?.rows[0]?.setting;
      return names === 'ANY 1 (pg1)' ? true : names;
    });
    expect([...(await seen())]).toContainEqual({ synchronous_standby_names: 'ANY 1 (pg1, pg2)' });
    await expect(
      until('the removal to be over too early', async () => (isDone ? true : 'it is not'), 500),
    ).rejects.toMatchObject({ code: 'ERR_PG_CLUSTER_TIMEOUT' });
    process.kill(pid, 'SIGCONT');
    await removing;
    for (const row of await seen()) {
      expect(row).toEqual({ synchronous_standby_names: 'ANY 1 (pg1)' });
    }
  } finally {
    process.kill(pid, 'SIGCONT');
    await Promise.all(open.map((session) => session.end()));
  }
  await rows(pgCluster.masterUrl, 'CREATE TABLE goes_on (a int)');
});
