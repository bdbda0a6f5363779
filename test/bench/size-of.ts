import { execFileSync } from 'node:child_process';

/** What these folders take on their file systems, in MB. */
export function sizeOf(...folders: string[]): number {
  if (folders.length === 0) return 0;
  const told = execFileSync('du', ['-sk', ...folders], { encoding: 'utf8' });
  const kilobytes = [...told.matchAll(/^(\d+)/gm)].reduce((sum, [, one]) => sum + Number(one), 0);
  return (kilobytes * 1024) / 1_000_000;
}
