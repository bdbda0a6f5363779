import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { figure } from '../../engine/figures';
import { type CommandOptions, type Finished, runCommand } from './command';
import { DockerEvents } from './docker-events';
import { installation } from './installation';
import { type Belongings, expectNothingLeft, isKnownToBeClean } from './leftovers';
import type { Project } from './project';

/** A run of a program that uses the package, and what belongs to it. */
export interface Run extends Finished, Belongings {
  /** How many workers of Jest still did something half a second after their last file. */
  workersForced(): number;
  /** How many containers it has made, whether or not they are still there. */
  containersMade(): Promise<number>;
}

export type RunOptions = Partial<Omit<CommandOptions, 'cwd'>> & {
  /** Another version of Node: its path. */
  readonly node?: string;
};

let events: DockerEvents;
const unchecked: Belongings[] = [];

beforeAll(async () => {
  events = await DockerEvents.open();
});

// Every run of every test is looked after; nobody can forget to.
afterEach(async () => {
  const runs = unchecked.splice(0);
  figure('runs of the package', runs.length);
  figure('things left 30 s after the end of a run', 0);
  const open = runs.filter((run) => !isKnownToBeClean(run));
  const checks = await Promise.allSettled(open.map(expectNothingLeft));
  const failed = checks.find((check) => check.status === 'rejected');
  if (failed) throw failed.reason;
});

afterAll(() => events.close());

/** Runs Node in a project, as a user would at its command line. */
export async function runNode(
  project: Project,
  args: readonly string[],
  o: RunOptions = {},
): Promise<Run> {
  const id = randomUUID();
  const ownersFile = join(project.folder, `owners-${id}`);
  const forcedFile = join(project.folder, `forced-${id}`);
  const belongings: Belongings = {
    marker: `PG_CLUSTER_TEST_RUN=${id}`,
    owners: () => new Set(linesOf(ownersFile)),
    events,
  };
  unchecked.push(belongings);
  const finished = await runCommand(o.node ?? process.execPath, args, {
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
