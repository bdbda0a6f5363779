import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command';
import { installEnv } from './installation';
import type { Project } from './project';

/**
 * Installs packages for one project alone. None of them runs a program as it is installed: what that
 * would load from elsewhere is not to be had.
 * @param versions exactly; no more than these packages have their say
 * @param name that of the project, which the lock file repeats
 */
export async function installTools(
  project: Project,
  versions: Readonly<Record<string, string>>,
  name: string,
): Promise<void> {
  project.write('package.json', JSON.stringify({ name, private: true, devDependencies: versions }));
  const install = await runCommand(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'],
    { cwd: project.folder, env: installEnv() },
  );
  install.expectExit(0);
}

/** What is in the tool's folder `later` is put beside its migrations. */
export function addMigrations(project: Project, tool: string): void {
  const folder = join(project.folder, tool);
  cpSync(join(folder, 'later'), join(folder, 'migrations'), { recursive: true });
}

/** Replaces words in the tool's migrations. */
export function changeMigrations(project: Project, tool: string, from: string, to: string): void {
  const folder = join(tool, 'migrations');
  for (const entry of readdirSync(join(project.folder, folder), { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(folder, entry.name);
    const text = readFileSync(join(project.folder, file), 'utf8');
    project.write(file, text.replaceAll(from, to));
  }
}
