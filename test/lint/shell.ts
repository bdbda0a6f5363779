import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { aptInstall, isDebianRoot, systemEnv } from '../engine/debian';

/** Runs shellcheck over every shell script of this project. Its findings end the process with 1. */
async function main(): Promise<void> {
  if (!hasShellcheck() && isDebianRoot()) {
    sayLoudly('installing Debian package shellcheck');
    await aptInstall(['shellcheck']).catch((error: Error) => sayLoudly(error.message));
  }
  if (!hasShellcheck()) {
    sayLoudly(
      'no shell script was checked: there is no shellcheck here; install it (apt-get, dnf or brew install shellcheck)',
    );
    // Somebody who changes no script need not have it; where all is checked it must be there.
    if (process.env.CI) process.exitCode = 1;
    return;
  }
  const options = { stdio: 'inherit', env: systemEnv() } as const;
  const { status } = spawnSync('shellcheck', ['--external-sources', ...scripts()], options);
  process.exitCode = status ?? 1;
}

function hasShellcheck(): boolean {
  return spawnSync('shellcheck', ['--version'], { env: systemEnv() }).status === 0;
}

/** Also new ones that git does not know yet. */
function scripts(): string[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const files = execFileSync('git', list, { encoding: 'utf8' }).split('\0');
  return files.filter(
    (name) => existsSync(name) && (name.endsWith('.sh') || (/^\.ci\//.test(name) && isShell(name))),
  );
}

function sayLoudly(line: string): void {
  process.stderr.write(`[lint] *** ${line} ***\n`);
}

function isShell(name: string): boolean {
  return /^#!.*\b(ba|da)?sh\b/.test(readFileSync(name, 'utf8'));
}

void main();
