import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { figure } from '../../engine/figures';
import { type CommandOptions, type Finished, runCommand } from './command';
import { DockerEvents } from './docker-events';
import { installation } from './installation';
import { type Belongings, expectNothingLeft, isKnownToBeClean } from './leftovers';
import { type Project, resultsFile } from './project';

/** A run of the real `jest`, and what belongs to it. */
export interface JestRun extends Finished, Belongings {
  /** How many workers still did something half a second after their last file. */
  workersForced(): number;
  /** How many containers it has made, whether or not they are still there. */
  containersMade(): Promise<number>;
}

let events: DockerEvents;
const unchecked: Belongings[] = [];

beforeAll(async () => {
  events = await DockerEvents.open();
});

// Every run of every test is looked after; nobody can forget to.
afterEach(async () => {
  const runs = unchecked.splice(0);
  figure('runs of Jest', runs.length);
  figure('things left 5 s after the end of a run', 0);
  const open = runs.filter((run) => !isKnownToBeClean(run));
  const checks = await Promise.allSettled(open.map(expectNothingLeft));
  const failed = checks.find((check) => check.status === 'rejected');
  if (failed) throw failed.reason;
});

afterAll(() => events.close());

/** Runs Jest in a project, as a user would at its command line. */
export async function runJest(
  project: Project,
  args: readonly string[] = [],
  o: Partial<Omit<CommandOptions, 'cwd'>> & {
    /** What Node runs Jest by; by default, Jest itself. */
    readonly by?: readonly string[];
    /** Whether files are transformed as Jest does it by default. */
    readonly transforms?: true;
  } = {},
): Promise<JestRun> {
  const id = randomUUID();
  const ownersFile = join(project.folder, `owners-${id}`);
  const forcedFile = join(project.folder, `forced-${id}`);
  const belongings: Belongings = {
    marker: `PG_CLUSTER_TEST_RUN=${id}`,
    owners: () => new Set(linesOf(ownersFile)),
    events,
  };
  unchecked.push(belongings);

  const jest = join(installation(), 'node_modules', 'jest', 'bin', 'jest.js');
  // What one project has transformed need not be transformed for the next one.
  const cache = project.isGivenAway ? 'cache' : join(installation(), 'cache');
  const fixed = [`--cacheDirectory=${cache}`, '--json', `--outputFile=${resultsFile}`];
  // To load Babel, which has nothing to do here, takes each process a quarter of what Jest takes to start.
  if (!o.transforms) fixed.push('--transform={}');
  // Jest's five seconds may pass on a machine that has other work.
  fixed.push('--testTimeout=60000');
  const finished = await runCommand(process.execPath, [...(o.by ?? [jest]), ...fixed, ...args], {
    ...o,
    cwd: project.folder,
    env: {
      ...usersEnv(),
      PG_CLUSTER_TEST_RUN: id,
      PG_CLUSTER_TEST_OWNERS: ownersFile,
      PG_CLUSTER_TEST_FORCED: forcedFile,
      NODE_OPTIONS: `--require=${join(installation(), 'note-owner.cjs')}`,
      ...o.env,
    },
  });
  // Nothing that we do may make Node warn the user.
  expect(finished.stderr).not.toMatch(/^\(node:\d+\) .*Warning/m);
  return {
    ...finished,
    ...belongings,
    workersForced: () => linesOf(forcedFile).length,
    containersMade: async () => {
      await events.catchUp();
      return events.containersOf(belongings.owners()).size;
    },
  };
}

function linesOf(file: string): string[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text.split('\n').filter((line) => line !== '');
}

/** Without what the outer Jest and npm have put there, and without servers of the user's own. */
function usersEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|JEST_|PG|NODE_ENV$|NODE_OPTIONS$|FORCE_COLOR$)/i.test(name),
  );
  return { ...Object.fromEntries(entries), NO_COLOR: '1' };
}
