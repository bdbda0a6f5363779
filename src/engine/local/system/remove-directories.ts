import type { Deadline } from '../../../base/deadline';
import { runWell } from './run-program';

/** By `rm`: this process, which tests wait for, would need ten times as long. */
export async function removeDirectories(
  paths: readonly string[],
  deadline: Deadline,
): Promise<void> {
  if (paths.length === 0) return;
  await runWell(`remove ${paths.join(', ')}`, 'rm', ['-rf', ...paths], deadline);
}
