import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { handleOf } from '../../src/cluster/handle';
import { Deadline } from '../../src/deadline';
import { processesByPs, processesIn } from '../../src/engine/local/processes';
import { expectNothingLeft, start } from '../integration/with-cluster';
import { dataOf } from './servers';

/** The servers' shared memory: who made it is all that tells whose it is. */
const segmentsMadeBy = (pids: readonly number[]) =>
  execFileSync('ipcs', ['-m', '-p'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , creator]) => pids.includes(Number(creator)));

const postmaster = (name: string) =>
  Number(readFileSync(join(dataOf(name), 'postmaster.pid'), 'utf8').split('\n')[0]);

test('of servers that were killed, rebuilt and frozen nothing is left', async () => {
  const cluster = await start({ slaves: 2 });
  const pgCluster = handleOf(cluster);
  const home = dirname(dirname(dataOf('pg0')));
  const pids = ['pg0', 'pg1', 'pg2'].map(postmaster);
  expect(segmentsMadeBy(pids)).toHaveLength(3);
  await pgCluster.killMaster();
  await pgCluster.failover();
  await pgCluster.heal();
  await pgCluster.node('pg2').kill();
  pids.push(postmaster('pg0'), postmaster('pg1'));
  await pgCluster.pauseMaster();
  await cluster.close(Deadline.in(30_000));
  expect(segmentsMadeBy(pids)).toEqual([]);
  expect(await processesIn(home, Deadline.in(5000))).toEqual([]);
  expect(existsSync(home)).toBe(false);
  await expectNothingLeft();
});

test('ps tells the same processes as /proc, for systems that have none', async () => {
  // Nobody may come and go between two looks.
  const settings = { autovacuum: 'off' };
  const cluster = await start({ slaves: 1, networkFaults: false, settings });
  try {
    const deadline = Deadline.in(10_000);
    const data = dataOf('pg1');
    const byProc = (await processesIn(data, deadline)).sort();
    expect(byProc.length).toBeGreaterThan(4);
    expect((await processesByPs(data, deadline)).sort()).toEqual(byProc);
    const home = dirname(dirname(data));
    expect((await processesByPs(home, deadline)).sort()).toEqual(
      (await processesIn(home, deadline)).sort(),
    );
  } finally {
    await cluster.close(Deadline.in(30_000));
  }
});

test('data and passwords are for the servers’ user alone', async () => {
  const cluster = await start({ slaves: 1 });
  try {
    const home = dirname(dataOf('pg1'));
    const modes = [home, join(home, 'pgpass'), join(home, 'log'), dataOf('pg1')].map((path) =>
      (statSync(path).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(['700', '600', '600', '700']);
    // Only root can see who others are; nobody else can list the directory of clusters.
    expect((statSync(dirname(home)).mode & 0o066).toString(8)).toBe('0');
    for (const pid of await processesIn(home, Deadline.in(5000))) {
      const told = readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readdirSync(home).join();
      expect(told).not.toContain(cluster.password);
    }
  } finally {
    await cluster.close(Deadline.in(30_000));
  }
});
