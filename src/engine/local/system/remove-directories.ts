import type { Deadline } from '../../../base/deadline';
import { runWell } from './run-program';
import type { ServerUser } from './server-user';

/** By `rm`: this process, which tests wait for, would need ten times as long. */
export async function removeDirectories(
  paths: readonly string[],
  deadline: Deadline,
): Promise<void> {
  if (paths.length === 0) return;
  await runWell(`remove ${paths.join(', ')}`, 'rm', ['-rf', ...paths], deadline);
}

/** Removes what is at some paths in a directory of the servers' user, who does it. */
export async function removeWithin(
  directory: string,
  paths: readonly string[],
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  if (paths.length === 0) return;
  const args = ['-rf', '--', ...paths.map((path) => `./${path}`)];
  await runWell(`remove files in ${directory}`, 'rm', args, deadline, { user, cwd: directory });
}
