import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { figure } from '../engine/figures';
import { until } from '../support/until';
import { builtBy, removeImages } from './harness/images';
import { installation } from './harness/installation';
import { type JestRun, runJest } from './harness/jest';
import { expectNothingLeft, processesNamed } from './harness/leftovers';
import { Project } from './harness/project';

interface Told {
  readonly worker: string;
  /** Of each node. */
  readonly tables: readonly string[];
}

/** Of no other test, and gone with them. */
const cache = { PG_CLUSTER_CACHE_DIR: join(installation(), 'cache-of-prepared') };

type RunOptions = Parameters<typeof runJest>[2] & { readonly file?: string };

/** A project whose migrations nobody has run yet, unless they are given. */
class PreparedProject extends Project {
  constructor(stamp = randomUUID()) {
    super('prepared');
    this.write('migrations/0.sql', `CREATE TABLE stamp AS SELECT '${stamp}' AS id, now() AS at`);
  }

  /** How often the command has run. */
  get runs(): number {
    return this.has('runs.log') ? readFileSync(join(this.folder, 'runs.log'), 'utf8').length : 0;
  }

  has(file: string): boolean {
    return existsSync(join(this.folder, file));
  }

  run(o: RunOptions = {}): Promise<JestRun> {
    const { file, ...rest } = o;
    const env = { ENGINE: 'local', ...cache, ...o.env };
    return runJest(this, ['--maxWorkers=2', ...(file ? [file] : [])], { ...rest, env });
  }
}

const preparing = 'pg-cluster: preparing data: `node migrate.mjs`\n';
/** How often it is in there. */
const count = (text: string, part: string) => text.split(part).length - 1;

test('a run prepares once for both workers, the next run not at all, until it is asked to', async () => {
  const project = new PreparedProject();
  // Without inputs, the lock file alone makes this project another than the last one.
  project.write('package-lock.json', JSON.stringify({ name: randomUUID() }));
  const INPUTS = '';
  for (const [env, runs, times] of [
    [{ INPUTS }, 1, 1],
    [{ INPUTS }, 1, 0],
    [{ INPUTS, PG_CLUSTER_PREPARE: 'again' }, 2, 1],
  ] as const) {
    const run = await project.run({ env });
    run.expectExit(0);
    expect(project.runs).toBe(runs);
    expect(count(run.stderr, preparing)).toBe(times);
    expect(count(run.stderr, 'has no inputs: if what it does changes, nobody will')).toBe(1);
    const both = ['item,stamp', 'item,stamp'];
    expect(project.told<Told>().map(({ tables }) => tables)).toEqual([both, both]);
    const workers = project.told<Told>().map(({ worker }) => worker);
    expect(workers.sort()).toEqual(['1', '2']);
  }
});

test('a run that prepares again does not disturb another one', async () => {
  const project = new PreparedProject();
  project.write('stay', '');
  const run = await project.run({
    file: 'a.test',
    whileRunning: async () => {
      await until('file a to be in the middle', () => project.told().length > 0, 60_000);
      const env = { PG_CLUSTER_PREPARE: 'again' };
      (await project.run({ env, file: 'b.test' })).expectExit(0);
      expect(project.runs).toBe(2);
      project.remove('stay');
    },
  });
  run.expectExit(0);
});

const docker = new Docker();

describe.each(['local', 'docker'])('on engine %s', (ENGINE) => {
  const ends: [string, (jest: number) => void][] = [
    ['of Jest', (jest) => process.kill(jest, 'SIGKILL')],
    ['of Jest and its workers', (jest) => process.kill(-jest, 'SIGKILL')],
  ];
  test.each(ENGINE === 'local' ? ends : ends.slice(1))(
    'SIGKILL %s in the middle leaves nothing, and the next run does it again',
    async (_, end) => {
      const project = new PreparedProject();
      project.write('hang', '');
      const run = await project.run({
        env: { ENGINE },
        whileRunning: async (jest) => {
          await until('it to be in the middle', () => project.has('in-the-middle'), 60_000);
          expect(processesNamed(project.folder)).toHaveLength(1);
          end(jest);
        },
      });
      expect(run.exitCode).toBeNull();
      await expectNothingLeft(run);
      expect(processesNamed(project.folder)).toEqual([]);
      figure('kills survived');
      // How it was killed is the same to the next run.
      if (end === ends[0]?.[1]) return;

      project.remove('hang');
      const next = await project.run({ env: { ENGINE } });
      try {
        next.expectExit(0);
        expect(project.runs).toBe(2);
        expect(count(next.stderr, preparing)).toBe(1);
        expect(project.told()).toHaveLength(2);
        await expectNothingLeft(next);
        if (ENGINE === 'local') return;
        // Of the local engine that is seen above.
        (await project.run({ env: { ENGINE }, file: 'a.test' })).expectExit(0);
        expect(project.runs).toBe(2);
      } finally {
        await removeImages(docker, [...builtBy(run), ...builtBy(next)]);
      }
    },
  );
});

test('of two runs at the same time one prepares, and the other says that it waits', async () => {
  const stamp = randomUUID();
  const [first, second] = [new PreparedProject(stamp), new PreparedProject(stamp)];
  first.write('wait', '');
  let waiting: Promise<JestRun> | undefined;
  let stderr = () => '';
  const run = await first.run({
    whileRunning: async () => {
      await until('the first to be in the middle', () => first.has('in-the-middle'), 60_000);
      waiting = second.run({
        whileRunning: async (_, soFar) => {
          stderr = soFar;
        },
      });
      const words = 'another process is at the same work';
      await until('the second to wait', () => stderr().includes(words), 60_000);
      first.remove('wait');
    },
  });
  run.expectExit(0);
  (await waiting)?.expectExit(0);
  expect([first.runs, second.runs]).toEqual([1, 0]);
  expect([...first.told(), ...second.told()]).toHaveLength(4);
});

test('a command that fails: its output and the code are shown, nothing is left', async () => {
  const project = new PreparedProject();
  project.write('migrations/2.sql', 'TABLE nowhere');
  const run = await project.run();
  run.expectExit(1);
  expect(run.stderr).toContain('ERR_PG_CLUSTER_PREPARE');
  expect(run.stderr).toMatch(/`node migrate\.mjs` ended with exit code 1; it said\n/);
  expect(run.stderr).toMatch(/\| running 2\.sql\n[\s\S]*\| .*relation "nowhere" does not exist/);
  expect(project.statuses()).toEqual({});
  expect(run.workersForced()).toBe(0);
  await expectNothingLeft(run);
});
