import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const lock = 'package-lock.json';

/** Another commit of this project, built, in a folder of its own. */
export interface Checkout {
  readonly folder: string;
  /** Its short hash. */
  readonly commit: string;
  remove(): void;
}

/** @throws what git says, for a revision that there is not */
export function checkOut(revision: string): Checkout {
  const commit = git('rev-parse', '--short', '--verify', `${revision}^{commit}`);
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-bench-'));
  const remove = () => {
    git('worktree', 'remove', '--force', folder);
    rmSync(folder, { recursive: true, force: true });
  };
  git('worktree', 'add', '--detach', '--quiet', folder, commit);
  try {
    process.stderr.write(`building ${commit}\n`);
    installFor(folder);
    run('npm', ['run', '--silent', 'build'], folder);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, commit, remove };
}

/** The same packages are shared; others are installed, which takes a while. */
function installFor(folder: string): void {
  const locks = [root, folder].map((home) => readFileSync(join(home, lock), 'utf8'));
  const ours = join(root, 'node_modules');
  if (locks[0] === locks[1] && existsSync(ours)) symlinkSync(ours, join(folder, 'node_modules'));
  else run('npm', ['ci', '--no-audit', '--no-fund'], folder);
}

function git(...args: string[]): string {
  return run('git', args, root);
}

function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}
