import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder for the tests of the file or block that this is called in. */
export function useFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `pgc-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
