import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { Deadline, poll } from '../../src/base/deadline';
import { rows, useCluster } from '../integration/with-cluster';
import { dataOf } from './servers';

const the = useCluster({ slaves: 2, synchronous: 1 });

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
    await poll({
      deadline: Deadline.in(10_000),
      what: 'the names to be written',
      intervalMs: 5,
      look: async () => {
        const names = (await open[0]?.query(written))?.rows[0]?.setting;
        return names === 'ANY 1 (pg1)' ? { done: undefined } : { seen: names };
      },
    });
    expect([...(await seen())]).toContainEqual({ synchronous_standby_names: 'ANY 1 (pg1, pg2)' });
    await expect(
      poll({
        deadline: Deadline.in(500),
        what: 'the removal to be over too early',
        intervalMs: 20,
        look: async () => (isDone ? { done: undefined } : { seen: 'it is not' }),
      }),
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
