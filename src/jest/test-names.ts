import type { Circus } from '@jest/types';
import { nameSeparator, wholeFile } from '../runner/supervised';

/** `block › block › test`, as Jest writes it; empty for the block that is the whole file. */
export function fullName(entry: Circus.TestEntry | Circus.DescribeBlock): string {
  const names: string[] = [];
  for (let at: typeof entry | undefined = entry; at; at = at.parent) {
    if (at.parent) names.unshift(String(at.name));
  }
  return names.join(nameSeparator);
}

export function blockName(block: Circus.DescribeBlock): string {
  return fullName(block) || wholeFile;
}
