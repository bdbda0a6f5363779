import { join } from 'node:path';
import { type Finished, runCommand } from './command';
import { installation } from './installation';

/** The program of the packed package, as it is called in a project's folder. */
export function pgCluster(
  { folder }: { readonly folder: string },
  args: readonly string[],
  o: { env?: NodeJS.ProcessEnv; via?: readonly string[]; package?: string } = {},
): Promise<Finished> {
  const home = o.package ?? join(installation(), 'node_modules', 'jest-environment-pg-cluster');
  return runCommand(process.execPath, [join(home, 'dist', 'cli', 'pg-cluster.js'), ...args], {
    cwd: folder,
    env: { ...process.env, ...o.env },
    ...(o.via ? { via: o.via } : {}),
  });
}
