import { execFileSync } from 'node:child_process';

/** What files in these folders take in MB: by their lengths, or by the blocks that they have. */
export function sizeOf(by: 'lengths' | 'blocks', ...folders: string[]): number {
  if (folders.length === 0) return 0;
  const kind = by === 'lengths' ? ['--apparent-size'] : [];
  const told = execFileSync('du', ['-sk', ...kind, ...folders], { encoding: 'utf8' });
  const kilobytes = [...told.matchAll(/^(\d+)/gm)].reduce((sum, [, one]) => sum + Number(one), 0);
  return (kilobytes * 1024) / 1_000_000;
}
