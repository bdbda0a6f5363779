import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Deadline, poll } from '../../src/base/deadline';
import { currentSession } from '../../src/cleanup/session';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { removeTree } from '../../src/engine/local/directories/remove-tree';
import { pidFile, sharedMemoryOf } from '../../src/engine/local/server/pid-file';
import { processesByPs, processesIn } from '../../src/engine/local/system/processes-in';
import { start } from '../support/cluster';
import { expectNothingLeft } from '../support/leftovers';
import { dataOf, everyRoot } from '../support/local-servers';

/** The servers' shared memory: who made it is all that tells whose it is. */
const segmentsMadeBy = (pids: readonly number[]) =>
  execFileSync('ipcs', ['-m', '-p'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , creator]) => pids.includes(Number(creator)));

const postmaster = (name: string) =>
  Number(readFileSync(join(dataOf(name), 'postmaster.pid'), 'utf8').split('\n')[0]);

/** Empty when it has ended meanwhile. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const modeOf = (path: string) =>
  statSync(path, { throwIfNoEntry: false })?.mode.toString(8).slice(-3);

test('servers that were killed, rebuilt and frozen leave nothing', async () => {
  await using the = await start({ slaves: 2 });
  const { cluster, pgCluster } = the;
  const home = dirname(dirname(dataOf('pg0')));
  const pids = ['pg0', 'pg1', 'pg2'].map(postmaster);
  expect(segmentsMadeBy(pids)).toHaveLength(3);
  await pgCluster.killMaster();
  await pgCluster.failover();
  await pgCluster.heal();
  await pgCluster.node('pg2').kill();
  pids.push(postmaster('pg0'), postmaster('pg1'));
  await pgCluster.pauseMaster();
  await removeCluster(cluster, Deadline.in(30_000));
  expect(segmentsMadeBy(pids)).toEqual([]);
  expect(await processesIn(home, Deadline.in(5000))).toEqual([]);
  expect(existsSync(home)).toBe(false);
  await expectNothingLeft();
});

test('an initdb that is ended leaves nothing, not even shared memory', async () => {
  const cacheDir = mkdtempSync(join(tmpdir(), 'pgc-initdb-'));
  try {
    const starting = start({ slaves: 0, cacheDir }).catch((error: Error) => error);
    const [home, segment] = await poll({
      deadline: Deadline.in(20_000),
      what: 'initdb to have shared memory',
      intervalMs: 1,
      look: async () => {
        const found = drafts().flatMap((draft) =>
          sharedMemoryOf(pidFile(join(draft, 'data'))).map((id) => [draft, id] as const),
        );
        return found[0] ? { done: found[0] } : { seen: 'none' };
      },
    });
    // Between two of its servers it is all there is: not seen, it would start the next one.
    const pids = await processesIn(home, Deadline.in(5000));
    expect(pids.map(commandLine).join()).toContain('/initdb\0');
    await removeTree(dirname(home), Deadline.in(10_000));
    expect(await processesIn(home, Deadline.in(5000))).toEqual([]);
    expect(await starting).toBeInstanceOf(Error);
    expect(execFileSync('ipcs', ['-m'], { encoding: 'utf8' })).not.toMatch(
      new RegExp(`\\s${segment}\\s`),
    );
  } finally {
    rmSync(cacheDir, { recursive: true, force: true });
  }
});

/** Data directories that this process is making for templates. */
const drafts = () =>
  everyRoot()
    .map((root) => join(root, currentSession().id))
    .flatMap((session) => entriesOf(session).map((cluster) => join(session, cluster)))
    .flatMap((cluster) => entriesOf(cluster).map((name) => join(cluster, name)))
    .filter((path) => basename(path).startsWith('template-'));

test('ps finds the same processes as /proc, for systems without it', async () => {
  // Nobody may come and go between two looks.
  const settings = { autovacuum: 'off' };
  await using _the = await start({ slaves: 1, settings });
  const deadline = Deadline.in(10_000);
  const data = dataOf('pg1');
  const byProc = (await processesIn(data, deadline)).sort();
  expect(byProc.length).toBeGreaterThan(4);
  expect((await processesByPs(data, deadline)).sort()).toEqual(byProc);
  const home = dirname(dirname(data));
  expect((await processesByPs(home, deadline)).sort()).toEqual(
    (await processesIn(home, deadline)).sort(),
  );
});

test('only their owners can read the files of a cluster', async () => {
  await using the = await start({ slaves: 1 });
  const home = dirname(dataOf('pg1'));
  const modes = [join(home, 'pgpass'), join(home, 'log')].map(modeOf);
  expect(modes).toEqual(['600', '600']);
  const pids = await processesIn(home, Deadline.in(5000));
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) {
    const told = commandLine(pid) + readdirSync(home).join();
    expect(told).not.toContain(the.cluster.password);
  }
});

test('nobody else can look into any directory of ours', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'pgc-modes-'));
  // Servers' user has to get through, as it has through /var/cache.
  chmodSync(parent, 0o755);
  const modes = new Map<string, string>();
  const look = () => {
    const caches = readdirSync(parent).map((name) => join(parent, name));
    for (const path of [...everyRoot(), ...caches].flatMap(directoriesFrom)) {
      const mode = modeOf(path);
      if (mode !== undefined) modes.set(path, mode);
    }
  };
  const watching = setInterval(look, 20);
  try {
    await using the = await start({ slaves: 1, cacheDir: join(parent, 'cache') });
    await the.pgCluster.snapshot();
    await the.pgCluster.reset();
  } finally {
    clearInterval(watching);
    rmSync(parent, { recursive: true, force: true });
  }
  expect([...modes].filter(([, mode]) => mode !== '700')).toEqual([]);
  // Among them what is there for a moment only, wherever it is.
  const names = [...modes.keys()].map((path) => basename(path).replace(/-.*/, ''));
  expect(names).toEqual(
    expect.arrayContaining(['cache', 'template', 'pg0', 'data', 'spare', 'snapshot']),
  );
});

/** A directory and those in it, but for what PostgreSQL and npm's packages have in theirs. */
function directoriesFrom(path: string): string[] {
  if (path.endsWith('.lock')) return [];
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  if (/^(data|programs)\b/.test(basename(path))) return [path];
  return [path, ...entriesOf(path).flatMap((name) => directoriesFrom(join(path, name)))];
}

/** None when it has gone meanwhile. */
function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
