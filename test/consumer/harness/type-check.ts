import { join } from 'node:path';
import { type Finished, runCommand } from './command';
import { installation } from './installation';
import type { Project } from './project';

/** Runs TypeScript's compiler, as the consumer has it, over a project. */
export function typeCheck(project: Project): Promise<Finished> {
  const tsc = join(installation(), 'node_modules', 'typescript', 'bin', 'tsc');
  return runCommand(process.execPath, [tsc, '--pretty', 'false', '-p', '.'], {
    cwd: project.folder,
    env: process.env,
  });
}
