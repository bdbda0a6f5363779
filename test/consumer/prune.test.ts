import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ownerOf } from '../../src/cleanup/owner';
import { useFolder } from '../support/folder';
import { until } from '../support/until';
import type { Finished } from './harness/command';
import { runJest } from './harness/jest';
import { pgCluster } from './harness/pg-cluster';
import { Project } from './harness/project';
import { silentPort } from './harness/silent-servers';

const parent = useFolder('prune');
/** Of each test its own: what others of this machine have is not to be pruned. */
let folder: string;
let cache: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  folder = mkdtempSync(join(parent, 'test-'));
  cache = join(folder, 'cache');
  mkdirSync(cache);
  mkdirSync(join(folder, 'tmp'));
  env = {
    DOCKER_HOST: 'unix:///nonexistent.sock',
    PG_CLUSTER_CACHE_DIR: cache,
    TMPDIR: join(folder, 'tmp'),
  };
});

const passedOver = 'Docker is passed over: no Docker engine answers: ';

async function prune(...args: string[]): Promise<Finished> {
  const pruned = await pgCluster({ folder }, ['prune', ...args], { env });
  pruned.expectExit(0);
  return pruned;
}

/** Sets when something was used, and all that is in it. */
function age(path: string, days: number): void {
  const then = new Date(Date.now() - days * 86_400_000);
  for (const name of existsSync(path) && !path.endsWith('.html') ? readdirSync(path) : []) {
    utimesSync(join(path, name), then, then);
  }
  utimesSync(path, then, then);
}

function entry(name: string, days: number, megabytes = 1): string {
  const home = join(cache, name);
  mkdirSync(home);
  writeFileSync(join(home, 'data.tar'), Buffer.alloc(megabytes * 2 ** 20, 'x'));
  age(home, days);
  return home;
}

const named = (kind: string, digit: string) => `${kind}-${digit.repeat(20)}`;
const allIn = (path: string) => readdirSync(path, { recursive: true }).sort();

describe('templates and copies of programs', () => {
  test('go once nobody has used them for a week, or as long as is said', async () => {
    const old = entry(named('template', 'a'), 20, 3);
    const week = entry(named('programs', 'b'), 8);
    const left = entry(`${named('template', 'c')}.left`, 8);
    const young = entry(named('template', 'd'), 2);
    const others = entry('of-somebody-else', 90);

    const pruned = await prune();
    expect(pruned.stderr).toMatch(new RegExp(`^${passedOver}`));
    expect(pruned.stdout.split('\n').sort()).toEqual(
      [
        `removed  copy of programs ${week} (1.0 MB, used 8 days ago)`,
        `removed  template ${left} (1.0 MB, used 8 days ago)`,
        `removed  template ${old} (3.0 MB, used 20 days ago)`,
        '5.0 MB freed, 3 things; 1 used in the last 7 days stay',
        '',
      ].sort(),
    );
    expect(readdirSync(cache).sort()).toEqual(['of-somebody-else', named('template', 'd')]);

    await prune('--older', '3d');
    expect(existsSync(young)).toBe(true);
    expect((await prune('--older=36h')).stdout).toMatch(/^removed {2}template .*2 days ago/);
    expect(readdirSync(cache)).toEqual(['of-somebody-else']);
    expect(existsSync(others)).toBe(true);
  });

  test('stay in a dry run, which says the same', async () => {
    entry(named('template', 'a'), 20);
    entry(named('template', 'b'), 0);
    const before = allIn(cache);
    const dry = await prune('--dry-run', '--all');
    expect(dry.stdout).toMatch(/^would remove .*used 20 days ago[\s\S]*would remove .*a minute/);
    expect(dry.stdout).toMatch(/^2\.0 MB would be freed, 2 things$/m);
    expect(allIn(cache)).toEqual(before);
    const real = await prune('--all');
    expect(real.stdout).toBe(
      dry.stdout.replaceAll('would remove', 'removed').replace('would be freed', 'freed'),
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  test('stay with --all while a run uses them, which goes on with them; then they go', async () => {
    const project = new Project('single');
    project.write(
      'held.test.js',
      `const { existsSync, writeFileSync } = require('node:fs');
      test('a template is there when it is needed again', async () => {
        await pgCluster.master.query('CREATE TABLE written ()');
        writeFileSync('told-ready.json', '1');
        while (!existsSync('pruned')) await new Promise((resolve) => setTimeout(resolve, 20));
        await pgCluster.reset();
        await expect(pgCluster.master.query('TABLE written')).rejects.toMatchObject({ code: '42P01' });
      });\n`,
    );
    const unused = entry(named('template', 'a'), 0);
    let meanwhile: Finished | undefined;
    const run = await runJest(project, ['--testPathPatterns=held'], {
      env,
      whileRunning: async () => {
        await until('the test to be in the middle', () => project.told().length > 0, 60_000);
        meanwhile = await prune('--all');
        project.write('pruned', '');
      },
    });
    run.expectExit(0);
    expect(meanwhile?.stdout).toMatch(/^stays {2}template \S+ \(.*\): a running process uses it$/m);
    expect(meanwhile?.stdout).toContain(`removed  template ${unused}`);
    await until('its note to go', async () => {
      const { stdout } = await prune('--all', '--dry-run');
      return !/^stays/m.test(stdout);
    });
    expect((await prune('--all')).stdout).toMatch(/^removed {2}template /m);
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe('recordings', () => {
  let dead: number;
  beforeAll(async () => {
    const child = spawn('true');
    await once(child, 'exit');
    dead = child.pid ?? 0;
  });

  function reporterFolder(name: string): string {
    const reports = join(folder, name);
    mkdirSync(join(reports, 'recordings'), { recursive: true });
    writeFileSync(join(reports, '.jest-environment-pg-cluster'), 'ours\n');
    return reports;
  }

  function recording(reports: string, name: string, days: number): string {
    const path = join(reports, 'recordings', name);
    mkdirSync(path);
    writeFileSync(join(path, 'a.jsonl'), 'x'.repeat(100_000));
    age(path, days);
    return path;
  }

  test('go with their pages, and the folder with the last; a run under way keeps its own', async () => {
    const reports = reporterFolder('pg-cluster-report');
    const page = join(reports, 'index.html');
    const old = recording(reports, `all-${dead}`, 9);
    const underWay = recording(reports, `1-of-2-${process.pid}`, 9);
    const young = recording(reports, `2-of-2-${dead}`, 1);
    writeFileSync(page, '<html>');
    age(page, 9);

    const before = allIn(reports);
    const dry = await prune('--dry-run');
    expect(dry.stdout).toContain(`would remove  recording ${old} (`);
    expect(allIn(reports)).toEqual(before);
    const first = await prune();
    expect(first.stdout).toContain(`removed  recording ${old} (`);
    expect(first.stdout).toContain(`removed  recording ${page} (`);
    expect(first.stdout).toMatch(/^stays {2}recording .*1-of-2-.*: its run is under way$/m);
    expect(
      allIn(join(reports, 'recordings')).filter((path) => !/jsonl/.test(String(path))),
    ).toEqual([`1-of-2-${process.pid}`, `2-of-2-${dead}`]);
    await prune('--all');
    expect([underWay, young].map((path) => existsSync(path))).toEqual([true, false]);

    const other = reporterFolder('elsewhere');
    recording(other, `all-${dead}`, 0);
    await prune('elsewhere', '--all');
    expect(existsSync(other)).toBe(false);
  });

  test('of others stay, in whatever folder', async () => {
    const theirs = join(folder, 'pg-cluster-report');
    mkdirSync(join(theirs, 'recordings', `all-${dead}`), { recursive: true });
    writeFileSync(join(theirs, 'index.html'), '<html>');
    const linked = join(folder, 'linked');
    mkdirSync(linked);
    writeFileSync(join(linked, 'precious'), '');
    const ours = reporterFolder('ours');
    for (const name of ['notes.txt', join('recordings', 'notes.txt')]) {
      writeFileSync(join(ours, name), '');
    }
    symlinkSync(linked, join(ours, 'recordings', `all-${dead}`));
    const before = allIn(folder);

    const pruned = await prune('--all');
    expect(pruned.stderr).toContain(`${theirs} is passed over: no reporter has made it\n`);
    const given = await prune('--all', 'ours', 'nowhere');
    expect(given.stderr).toContain('nowhere is passed over: there is no such folder\n');
    expect(before.filter((path) => !existsSync(join(folder, String(path))))).toEqual([]);
  });
});

describe('what processes have left', () => {
  let server: ChildProcess;
  afterEach(() => server?.kill('SIGKILL'));

  test('goes with the processes in it, if its owner has ended, whenever that was', async () => {
    const home = join(folder, 'tmp', `jest-environment-pg-cluster-${process.getuid?.()}`);
    mkdirSync(home, { mode: 0o700 });
    const session = (id: string, owner: string) => {
      const data = join(home, id, 'cluster', 'pg0', 'data');
      mkdirSync(data, { recursive: true });
      writeFileSync(join(home, id, 'owner'), owner);
      writeFileSync(join(data, 'table'), Buffer.alloc(2 ** 20, 'x'));
      return data;
    };
    // A door of a cluster, or a certificate.
    const forClients = (id: string, owner: string) => {
      const directory = join(home, `for-clients-${id}-1`);
      mkdirSync(directory, { mode: 0o700 });
      writeFileSync(join(directory, 'owner'), owner);
      return directory;
    };
    const owner = spawn('sleep', ['600']);
    await once(owner, 'spawn');
    const data = session('dead0000', ownerOf(owner.pid ?? 0));
    const left = forClients('dead0000', ownerOf(owner.pid ?? 0));
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    session('living00', ownerOf(process.pid));
    const living = forClients('living00', ownerOf(process.pid));
    server = spawn('sleep', ['600'], { cwd: data });
    const ended = once(server, 'exit');

    const dry = await prune('--dry-run');
    expect(dry.stdout).toContain(
      'would remove  what a process has left as local processes, session dead0000 (1.0 MB)\n',
    );
    expect([data, left].map((path) => existsSync(path))).toEqual([true, true]);
    expect((await prune()).stdout).toContain('removed  what a process has left as local processes');
    await ended;
    expect(readdirSync(home)).toContain('living00');
    expect(readdirSync(home)).not.toContain('dead0000');
    expect([left, living].map((path) => existsSync(path))).toEqual([false, true]);
  });
});

test('an engine that hangs is passed over, and the other one is pruned', async () => {
  env.DOCKER_HOST = `tcp://127.0.0.1:${await silentPort()}`;
  entry(named('template', 'a'), 20);
  const pruned = await prune();
  expect(pruned.stderr).toBe(
    `${passedOver}DOCKER_HOST=${env.DOCKER_HOST}: it did not answer a ping within 5 s\n`,
  );
  expect(readdirSync(cache)).toEqual([]);
});

test('what cannot be removed is told, and it ends with 1', async () => {
  const home = entry(named('template', 'a'), 20);
  // Nothing that is in use can be renamed there.
  const mounted = ['unshare', '--mount', 'sh', '-c'];
  const script = `mount --bind "${home}" "${home}" && exec "$@"`;
  const failed = await pgCluster({ folder }, ['prune'], { env, via: [...mounted, script, 'sh'] });
  failed.expectExit(1);
  expect(failed.stderr).toMatch(/^could not remove template .*: .*(EBUSY|busy)/m);
  expect(failed.stderr).toContain('pg-cluster prune: could not remove one thing, see above\n');
  expect(existsSync(home)).toBe(true);
});

test.each([
  [['--older', 'soon'], "--older has to be a time like 30m, 12h, 7d or 2w, not 'soon'"],
  [['--older', '1d', '--all'], '--all takes what is young, too: leave out --older'],
  [['--everything'], "Unknown option '--everything'"],
])('called wrongly, by %j, it removes nothing and says how to call it', async (args, said) => {
  entry(named('template', 'a'), 20);
  const wrong = await pgCluster({ folder }, ['prune', ...args], { env });
  wrong.expectExit(2);
  expect(wrong.stderr).toContain(said);
  expect(wrong.stderr).toContain('usage: pg-cluster prune');
  expect(readdirSync(cache)).toHaveLength(1);
});
