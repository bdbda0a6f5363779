import { join } from 'node:path';
import { installation } from './installation';
import { type Project, resultsFile } from './project';
import { type Run, type RunOptions, runNode } from './run';

/** What the configs of projects for Vitest take from the environment. */
export interface VitestConfig {
  /** Of the plugin. */
  readonly options?: object;
  /** Vitest's own, below `test`. */
  readonly settings?: object;
  /** The folder whose `node_modules` has Vitest. @default the installation for all tests */
  readonly installedIn?: string;
}

/** Runs the real Vitest in a project, as a user would at its command line. */
export function runVitest(
  project: Project,
  args: readonly string[] = [],
  o: RunOptions & VitestConfig = {},
): Promise<Run> {
  const { options = {}, settings = {}, installedIn = installation() } = o;
  const vitest = join(installedIn, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile}`];
  return runNode(project, [vitest, 'run', ...reporters, ...args], {
    ...o,
    env: { OPTIONS: JSON.stringify(options), SETTINGS: JSON.stringify(settings), ...o.env },
  });
}
