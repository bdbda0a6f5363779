import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { type Deadline, within } from '../../../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../../../base/errors';
import type { ServerUser } from './server-user';

/** How a program ended, and what it said on stdout and stderr. */
export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How many lines of a failed program's output a message shows at most. */
const linesAtMost = 10;

interface RunOptions {
  /** The user it runs as; by default this process's. */
  readonly user?: ServerUser;
  /** The program looks up the name of its user. */
  readonly needsName?: true;
  readonly env?: Readonly<Record<string, string>>;
  /** By default `/`: the other user may not be allowed to enter this process's. */
  readonly cwd?: string;
  readonly input?: string;
  /** An open file in place of `input`; the program need not be able to open it itself. */
  readonly inputFile?: number;
}

/**
 * Runs a program to its end, without a shell. Of this process's environment it gets only PATH: the
 * user's PGDATA, PGOPTIONS and so on are not meant for our servers.
 *
 * @throws what `spawn` throws when it cannot be run; `ERR_PG_CLUSTER_TIMEOUT`, and then it is
 * killed
 */
export async function run(
  program: string,
  args: readonly string[],
  deadline: Deadline,
  o: RunOptions = {},
): Promise<Finished> {
  return within(deadline, `${program} to end`, (signal) => {
    const via = o.needsName ? (o.user?.namedBy ?? []) : [];
    const [first = program, ...rest] = [...via, program, ...args];
    const child = spawn(first, rest, {
      ...o.user?.ids,
      cwd: o.cwd ?? '/',
      env: { ...serverEnv(), ...o.env },
      stdio: [o.inputFile ?? 'pipe', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    // The deadline keeps this process alive while somebody waits.
    child.unref();
    for (const pipe of child.stdio) (pipe as Socket | null)?.unref();
    child.stdin?.on('error', () => {}).end(o.input);
    const out = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      out.stderr += text;
    });
    return new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, ...out }));
    });
  });
}

/**
 * Like `run`, for a program that has no reason to fail. @throws `ERR_PG_CLUSTER_ENGINE` with what
 * it said
 */
export async function runWell(
  what: string,
  program: string,
  args: readonly string[],
  deadline: Deadline,
  o: RunOptions = {},
): Promise<string> {
  let finished: Finished;
  try {
    finished = await run(program, args, deadline, o);
  } catch (error) {
    if (codeOf(error) === 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `could not ${what}: ${program} cannot be run: ${messageOf(error)}`,
      { cause: error },
    );
  }
  if (finished.exitCode === 0) return finished.stdout;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_ENGINE',
    `could not ${what}: ${program} ended with ${finished.exitCode ?? 'a signal'}: ${withoutRepeats(finished.stderr || finished.stdout)}`,
  );
}

/** On a full disk tar prints a line for each of a thousand files, all with the same reason. */
function withoutRepeats(said: string): string {
  const reasons = new Set<string>();
  const lines = said.trim().split('\n');
  const told = lines.filter((line) => {
    const reason = line.slice(line.lastIndexOf(': '));
    if (reasons.has(reason) || reasons.size === linesAtMost) return false;
    reasons.add(reason);
    return true;
  });
  const more = lines.length - told.length;
  return [...told, ...(more > 0 ? [`(and ${more} more lines)`] : [])].join('\n');
}

/** The environment of servers and their tools. */
export function serverEnv(): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' };
}
