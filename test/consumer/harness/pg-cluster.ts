import { join } from 'node:path';
import { type Finished, runCommand } from './command';
import { installation } from './installation';
import type { Project } from './project';
import { type Run, type RunOptions, runNode } from './run';

/** The program of the packed package, as it is called in a project's folder. */
export function pgCluster(
  { folder }: { readonly folder: string },
  args: readonly string[],
  o: { env?: NodeJS.ProcessEnv; via?: readonly string[]; package?: string } = {},
): Promise<Finished> {
  return runCommand(process.execPath, [programOf(o.package), ...args], {
    cwd: folder,
    env: { ...process.env, ...o.env },
    ...(o.via ? { via: o.via } : {}),
  });
}

/** The same where it may start something, which must be gone at the end of the test. */
export function runPgCluster(
  project: Project,
  args: readonly string[],
  o: RunOptions = {},
): Promise<Run> {
  // What is typed at a prompt is remembered in the project.
  const env = { PG_CLUSTER_HISTORY: join(project.folder, 'state', 'history'), ...o.env };
  return runNode(project, [programOf(), ...args], { ...o, env });
}

function programOf(
  home = join(installation(), 'node_modules', 'jest-environment-pg-cluster'),
): string {
  return join(home, 'dist', 'cli', 'pg-cluster.js');
}
