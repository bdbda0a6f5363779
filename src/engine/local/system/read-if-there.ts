import { readFileSync } from 'node:fs';
import { codeOf } from '../../../base/errors';

/**
 * The text of a file; undefined if there is none. Not by a look before: servers remove their files,
 * and other runs remove what dead ones left, at any moment.
 */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Whether that is the error of a path that is not there. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
