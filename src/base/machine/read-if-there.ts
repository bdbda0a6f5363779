import { readFileSync } from 'node:fs';
import { codeOf } from '../errors';

/**
 * The text of a file; undefined if there is none. To look first would not help: servers may remove
 * their files at any moment, and other runs may remove what dead ones left.
 */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Whether the error says that a path does not exist. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
