import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { needRoot } from '../support/root';

/** An empty folder that holds 8 MB, until it is disposed of. */
export function smallDisk(folder: string): Disposable {
  needRoot('it makes a file system');
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
  return { [Symbol.dispose]: () => execFileSync('umount', [folder]) };
}
