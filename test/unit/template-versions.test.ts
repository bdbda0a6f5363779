import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  newestVersion,
  nextVersion,
  removeReplaced,
} from '../../src/engine/local/data/template-versions';
import { useFolder } from '../support/folder';

const folder = useFolder('versions');

test('versions count up, and what was replaced over a day ago loses its archive', async () => {
  const home = join(folder, 'template');
  expect(newestVersion(home)).toBe(home);
  const versions = [home, ...Array.from({ length: 11 }, (_, at) => join(home, String(at + 1)))];
  for (const version of versions) {
    mkdirSync(version);
    writeFileSync(join(version, 'data.tar'), '');
    expect(newestVersion(home)).toBe(version);
  }
  expect(nextVersion(home)).toBe(join(home, '12'));

  const then = new Date(Date.now() - 90_000_000);
  for (const version of versions.slice(0, 4)) utimesSync(version, then, then);
  await removeReplaced(home, 'data.tar');
  const left = versions.map((version) => existsSync(join(version, 'data.tar')));
  // The fourth is old, too, but was in use until the fifth came.
  expect(left).toEqual([...Array(3).fill(false), ...Array(9).fill(true)]);
  expect(newestVersion(home)).toBe(versions.at(-1));
});
