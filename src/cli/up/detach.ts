import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { childEnv } from '../../base/machine/child-environment';
import type * as Handle from '../../handle/cluster-handle';
import { connectionVariables } from '../../handle/connection-variables';
import type { HeldCluster } from '../../prompt/held-cluster';

/** What the process in the background has instead of `--detach`. */
export const inBackground = '--in-background';
/** The file descriptor to which it writes how to reach its cluster. */
const answers = 3;

/**
 * Has a process of its own hold a cluster.
 * @returns how to reach it, as lines of an environment
 */
export async function startInBackground(script: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [script, 'up', inBackground, ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: childEnv(),
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`the process in the background ended by ${signal ?? `exit code ${code}`}`));
    });
  });
  failed.catch(() => {});
  child.stderr?.pipe(process.stderr);
  const answer = child.stdio[answers] as Readable;
  const lines = await Promise.race([text(answer), failed]);
  // It closes its end when all is said, or dies before that, and has said itself what went wrong.
  if (lines === '') await failed;
  child.unref();
  child.stderr?.destroy();
  return lines;
}

/** Tells whoever started this process how to reach the cluster. */
export async function answer(held: HeldCluster): Promise<void> {
  // Who started it may have gone, and nobody reads what is said here then.
  process.stderr.on('error', () => {});
  const stream = createWriteStream('', { fd: answers });
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject).end(environmentLines(held), resolve);
  });
}

/** For a shell's `eval`, a `.env` file, or what CI systems read variables from. */
function environmentLines({ id, cluster }: HeldCluster): string {
  // It has been loaded for the prompts that others may open.
  const { handleOf } = require('../../handle/cluster-handle') as typeof Handle;
  const variables = { PG_CLUSTER_ID: id, ...connectionVariables(cluster, handleOf(cluster)) };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('');
}

/** Only where a shell would read it in another way: not all that read such lines know quotes. */
function quoted(value: string): string {
  return /^[\w@%+=:,./?~-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
