import { join } from 'node:path';
import { installation } from './installation';
import { type Project, resultsFile } from './project';
import { type Run, type RunOptions, runNode } from './run';

/** A run of the real `jest`, and what belongs to it. */
export type JestRun = Run;

/** Runs Jest in a project, as a user would at its command line. */
export function runJest(
  project: Project,
  args: readonly string[] = [],
  o: RunOptions & {
    /** What Node runs Jest by; by default, Jest itself. */
    readonly by?: readonly string[];
    /** Whether files are transformed as Jest does it by default. */
    readonly transforms?: true;
  } = {},
): Promise<JestRun> {
  const jest = join(installation(), 'node_modules', 'jest', 'bin', 'jest.js');
  // What one project has transformed need not be transformed for the next one.
  const cache = project.isGivenAway ? 'cache' : join(installation(), 'cache');
  const fixed = [`--cacheDirectory=${cache}`, '--json', `--outputFile=${resultsFile}`];
  // To load Babel, which has nothing to do here, takes each process a quarter of what Jest takes to start.
  if (!o.transforms) fixed.push('--transform={}');
  // Jest's five seconds may pass on a machine that has other work.
  fixed.push('--testTimeout=60000');
  return runNode(project, [...(o.by ?? [jest]), ...fixed, ...args], o);
}
