import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../base/errors';
import type { Session } from './session';

/** Says whose a session's directory is, as labels do in Docker. */
export const ownerFile = 'owner';

/** Notes in a directory which process it belongs to. */
export function noteOwner(directory: string, { owner }: Session): void {
  const note = join(directory, ownerFile);
  if (!existsSync(note)) writeFileSync(note, owner, { mode: 0o600 });
}

/** The owner of a session's directory; undefined if it is not one. */
export function notedOwner(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, ownerFile), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
