import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { currentSession } from '../../src/cleanup/session';
import { dataRoots, serversParts } from '../../src/engine/local/directories/roots';
import { freeze, killAll } from '../../src/engine/local/server/freeze-and-kill';
import { pidFile, statusOf } from '../../src/engine/local/server/pid-file';
import { processesIn } from '../../src/engine/local/system/processes-in';

/** Servers of the local engine, as this machine's own tools would see them. */

/** What servers use, and ours. */
export const everyRoot = () => dataRoots().flatMap((root) => [...serversParts(root), root]);

const homes = (sessionId: string) =>
  everyRoot()
    .map((root) => join(root, sessionId))
    .filter((path) => existsSync(path));

/** The data directory of a node of this process's only cluster. */
export function dataOf(name: string): string {
  const found = homes(currentSession().id).flatMap((home) =>
    readdirSync(home)
      .map((cluster) => join(home, cluster, name, 'data'))
      .filter((path) => existsSync(path)),
  );
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  throw new Error(`found ${found.length} data directories of ${name}`);
}

/** The data directories of servers of this process that answer, spare ones included. */
export function answering(): string[] {
  const inside = (path: string) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name));
  return homes(currentSession().id)
    .flatMap(inside)
    .flatMap(inside)
    .map((node) => join(node, 'data'))
    .filter((data) => /ready/.test(statusOf(pidFile(data))));
}

export async function pauseServer(name: string): Promise<void> {
  const [pid] = readFileSync(join(dataOf(name), 'postmaster.pid'), 'utf8').split('\n');
  await freeze(Number(pid), Deadline.in(5000));
}

export async function killServer(name: string): Promise<void> {
  await killAll(dataOf(name), Deadline.in(5000));
}

export async function removeServer(name: string): Promise<void> {
  const data = dataOf(name);
  const [, segment] =
    readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[6]?.trim().split(/\s+/) ?? [];
  await killServer(name);
  // Whoever removes a server's directory by hand has to do this too.
  execFileSync('ipcrm', ['-m', String(segment)]);
  await rm(dirname(data), { recursive: true, force: true });
}

/** Directories and processes that a session has left. */
export async function localLeftovers(sessionId: string): Promise<string[]> {
  const found = await Promise.all(
    everyRoot().map(async (root) => {
      const home = join(root, sessionId);
      const processes = await processesIn(home, Deadline.in(5000));
      return [...(existsSync(home) ? [home] : []), ...processes.map((pid) => `process ${pid}`)];
    }),
  );
  return found.flat();
}
