import { closeSync, constants, fchmodSync, fstatSync, openSync } from 'node:fs';
import { type Deadline, poll } from '../../../base/deadline';
import { run } from '../system/run-program';
import type { ServerUser } from '../system/server-user';
import { type Original, sourcesOf } from './original';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** What a data directory was unpacked from, and when. */
export interface Unpacked {
  readonly original: Original;
  /**
   * All that is changed afterwards has this time of its inode's last change (ctime), or a later one:
   * no program can set that.
   */
  readonly changeTime: bigint;
  /** The same moment by two clocks, in ms: one that can be set, and one that cannot. */
  readonly systemTime: number;
  readonly steadyTime: number;
}

/** Kernels tell such times in steps of 10 ms at most; some file systems do in whole seconds. */
const looksAtMost = 15;

/**
 * Resolves a step of those times later: then no file that was unpacked looks as if it had been changed
 * since. Where steps are longer, some do, and are unpacked again for nothing.
 * @param data just made the same as the original, and used by nobody yet
 */
export async function noteUnpacked(
  original: Original,
  data: string,
  deadline: Deadline,
): Promise<Unpacked> {
  const directory = openSync(data, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const unpackedAt = changeNow(directory);
    let looks = 0;
    const changeTime = await poll({
      deadline,
      what: 'times of change to go on',
      intervalMs: 1,
      look: async () => {
        looks += 1;
        const now = changeNow(directory);
        return now > unpackedAt || looks === looksAtMost ? { done: now } : { seen: 'the same' };
      },
    });
    const systemTime = Date.now();
    return { original, changeTime, systemTime, steadyTime: performance.now() };
  } finally {
    closeSync(directory);
  }
}

/** What such a time would be now: it changes nothing else. */
function changeNow(file: number): bigint {
  fchmodSync(file, fstatSync(file).mode & 0o7777);
  return fstatSync(file, { bigint: true }).ctimeNs;
}

/** In a data directory, as against an original. */
export interface Changes {
  /** What is there and should not be, or is something else: a link in place of a directory. */
  readonly strange: readonly string[];
  /** Files that are other than in the original. */
  readonly changed: readonly string[];
  /** What is not there. */
  readonly missing: readonly string[];
}

/** More at once is replaced as a whole: it would not be less work, nor fit in a command line. */
const changesAtMost = 2000;

/** The system's time is told in whole milliseconds. */
const roundingMs = 2;

/**
 * How a data directory differs from an original, which need not be the one that it was unpacked from.
 * What has not been changed since then is not read. Resolves to undefined if that cannot be told for
 * certain, or if it is too much: then all has to be replaced, or copied.
 */
export async function changesIn(
  data: string,
  since: Unpacked,
  original: Original,
  user: ServerUser,
  deadline: Deadline,
): Promise<Changes | undefined> {
  const found = await filesIn(data, user, deadline);
  if (!found || wasClockSetBack(since)) return undefined;
  // Another tar than GNU's cannot tell them.
  const [sources, before] = await Promise.all(
    [original, since.original].map((one) => sourcesOf(one, deadline).catch(() => undefined)),
  );
  if (!sources || !before) return undefined;
  const strange: string[] = [];
  const changed: string[] = [];
  for (const [path, { mode, changeTime }] of found) {
    const source = sources.get(path);
    if (source?.mode[0] !== mode[0]) strange.push(path);
    else if (source?.isDirectory) {
      // Unpacking files does not mend that.
      if (source.mode !== mode) return undefined;
    } else if (changeTime >= since.changeTime || source?.archive !== before.get(path)?.archive) {
      changed.push(path);
    }
  }
  const missing = [...sources.keys()].filter((path) => !found.has(path));
  const isTooMuch = strange.length + changed.length + missing.length > changesAtMost;
  return isTooMuch ? undefined : { strange, changed, missing };
}

/** Then files that were changed would look as if they had been changed before. */
function wasClockSetBack({ systemTime, steadyTime }: Unpacked): boolean {
  const passed = performance.now() - steadyTime;
  return Date.now() - systemTime < passed - roundingMs;
}

interface Found {
  /** As `ls -l` shows it. */
  readonly mode: string;
  readonly changeTime: bigint;
}

/** Undefined if that cannot be told for certain. Some may come and go meanwhile, if a server runs. */
async function filesIn(
  data: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<ReadonlyMap<string, Found> | undefined> {
  // GNU's find, whose -printf others lack.
  const o = { user, cwd: data };
  const args = ['.', '-printf', '%M %C@\\t%P\\0'];
  const { exitCode, stdout, stderr } = await run('find', args, deadline, o);
  const problems = stderr.split('\n').filter((line) => !/^$|No such file or directory$/.test(line));
  if (problems.length > 0 || (exitCode !== 0 && stderr === '')) return undefined;
  // Names that are no UTF-8 cannot be told from each other.
  if (stdout.includes('\uFFFD')) return undefined;
  return new Map(stdout.split('\0').slice(0, -1).map(entry));
}

/** `-rw------- 1764600000.1234567890`, a tab, and the path. */
function entry(line: string): [path: string, found: Found] {
  const end = line.indexOf('\t');
  const [mode = '', time = ''] = line.slice(0, end).split(' ');
  const [seconds = '', fraction = ''] = time.split('.');
  const changeTime = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return [line.slice(end + 1), { mode, changeTime }];
}
