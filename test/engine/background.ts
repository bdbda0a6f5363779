import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deadline, poll } from '../../src/base/deadline';

/** Tells the tests, which run in other processes, where the note of how it ended will be. */
const variableOf = (name: string) => `PG_CLUSTER_TEST_${name.toUpperCase()}_SET_UP`;

export interface Background<T> {
  /** Resolves when it has ended, rejects if it has failed. */
  readonly done: Promise<T>;
  /** Takes the note away. */
  forget(): void;
}

/** Sets something up in Jest's own process while tests that do not need it run in others. */
export function inBackground<T>(name: string, setUp: () => Promise<T>): Background<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-set-up-'));
  const note = join(folder, 'note');
  process.env[variableOf(name)] = note;
  const write = (text: string) => {
    writeFileSync(`${note}.new`, text);
    renameSync(`${note}.new`, note);
  };
  const done = setUp();
  done.then(
    () => write(''),
    (error: Error) => write(error.stack ?? String(error)),
  );
  return { done, forget: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Has the tests of a file wait for it. @throws why it has failed, in each of them */
export function needBackground(...names: readonly string[]): void {
  const limitMs = 15 * 60_000;
  beforeAll(async () => {
    for (const name of names) {
      const note = process.env[variableOf(name)];
      if (note === undefined) throw new Error(`nobody sets up ${name}: run these tests by Jest`);
      await poll({
        deadline: Deadline.in(limitMs),
        what: `the set-up of ${name}`,
        intervalMs: 200,
        look: async () => (existsSync(note) ? { done: undefined } : { seen: 'it goes on' }),
      });
      const failure = readFileSync(note, 'utf8');
      if (failure !== '') throw new Error(`the set-up of ${name} has failed: ${failure}`);
    }
  }, limitMs);
}
