import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { changesIn, noteUnpacked, type Unpacked } from '../../src/engine/local/data/changes';
import { type Original, unpackOriginal } from '../../src/engine/local/data/original';
import { putBack } from '../../src/engine/local/data/put-back';
import { pack, unpack } from '../../src/engine/local/system/archives';
import { useFolder } from '../support/folder';

const folder = useFolder('put-back');
const user = { ids: undefined, name: 'me' };
const deadline = () => Deadline.in(30_000);

/** An archive like a template's. */
async function archiveIn(home: string): Promise<string> {
  const made = join(home, 'made.tar');
  const write = (path: string, text: string) => {
    mkdirSync(join(home, 'data', path, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, 'data', path), text, { mode: 0o600 });
  };
  write('PG_VERSION', '17\n');
  write('base/1/1259', 'pg_class');
  write('base/1/1249', 'pg_attribute');
  write('pg_xact/0000', '\0'.repeat(100));
  write('pg_wal/archive_status/x', '');
  await pack(home, 'data', made, deadline());
  return made;
}

/** Spoils what was unpacked, and resolves to what tells it from what is unpacked anew, if put back. */
async function differences(spoil: string): Promise<string[] | 'all has to be replaced'> {
  const home = mkdtempSync(join(folder, 'case-'));
  const made = await archiveIn(home);
  const [place, other] = [join(home, 'place'), join(home, 'other')];
  for (const path of [place, other]) {
    mkdirSync(path, { mode: 0o700 });
    await unpack(made, path, user, deadline());
  }
  const data = join(place, 'data');
  const original = { archive: made };
  let now: Unpacked | undefined = await noteUnpacked(original, data, deadline());
  // Twice, as it is spoilt again after it was put back.
  for (let time = 0; time < 2 && now; time += 1) {
    execFileSync('sh', ['-c', spoil], { cwd: data });
    now = await putBack(data, now, original, user, deadline());
  }
  if (!now) return 'all has to be replaced';
  return [data, join(other, 'data')]
    .map((path) => execFileSync('sh', ['-c', told], { cwd: path, encoding: 'utf8' }))
    .filter((text, index, texts) => text !== texts[1 - index]);
}

/** All that there is, with modes and contents. */
const told = `find . -printf '%y %m %s %l %P\n' | sort; find . -type f -exec md5sum {} + | sort`;

test.each([
  ['nothing', ':'],
  ['what servers write', 'echo x >>base/1/1259; echo y >pg_xact/0000; touch postmaster.pid'],
  ['files that are gone', 'rm -f base/1/1259 PG_VERSION'],
  [
    'files that nobody knows',
    'mkdir -p a/b; touch a/b/c base/1/x "base/1/a b" "$(printf "x\\ny")"',
  ],
  ['files with other modes', 'chmod 666 base/1/1259'],
  [
    'files whose size and times are as before',
    'cp -p base/1/1259 ../x; printf PG_CLASS >base/1/1259; touch -r ../x base/1/1259',
  ],
  ['files that are links', 'mv base/1/1259 ../y; ln -s "$PWD/../y" base/1/1259'],
  ['files that are directories', 'rm base/1/1259; mkdir base/1/1259; touch base/1/1259/z'],
  ['directories that are gone', 'rm -rf pg_xact'],
  ['directories that are links', 'rm -rf ../z; mv base/1 ../z; ln -s "$PWD/../z" base/1'],
  ['links to elsewhere', 'ln -s /tmp pg_xact/elsewhere'],
])('is as it was unpacked after %s', async (_, spoil) => {
  expect(await differences(spoil)).toEqual([]);
});

test.each([
  ['directories may be read by everybody', 'chmod 777 base/1'],
  ['names are no text', `touch "$(printf 'x\\377')"`],
  ['too much has changed', 'i=0; while [ $i -lt 2100 ]; do : >"n$i"; i=$((i+1)); done'],
])('has to be replaced when %s', async (_, spoil) => {
  expect(await differences(spoil)).toBe('all has to be replaced');
});

/** No file but those is unpacked. */
async function expectPutBack(
  data: string,
  before: Unpacked,
  original: Original,
  paths: readonly string[],
): Promise<Unpacked> {
  const times = () => listed(data, '%y %C@ %P\n').filter((line) => line.startsWith('f '));
  const was = times();
  const now = await putBack(data, before, original, user, deadline());
  const anew = times().filter((line) => !was.includes(line));
  expect(anew.map((line) => line.replace(/^f \S+ /, '')).sort()).toEqual(paths);
  if (!now) throw new Error('it could not be put back');
  return now;
}

test('between a template and a snapshot, only what is other is unpacked', async () => {
  const home = mkdtempSync(join(folder, 'case-'));
  const template: Original = { archive: await archiveIn(home) };
  const changed = join(home, 'changed');
  mkdirSync(join(changed, 'data/base/1'), { recursive: true, mode: 0o700 });
  mkdirSync(join(changed, 'data/base/2'), { mode: 0o700 });
  writeFileSync(join(changed, 'data/base/1/1259'), 'PG_CLASS', { mode: 0o600 });
  writeFileSync(join(changed, 'data/base/2/new'), '', { mode: 0o600 });
  const archive = join(home, 'changed.tar');
  await pack(changed, 'data', archive, deadline());
  const gone = new Set(['pg_xact/0000']);
  const snapshot: Original = { archive, base: { original: template, gone } };

  mkdirSync(join(home, 'place'), { mode: 0o700 });
  await unpackOriginal(template, join(home, 'place'), user, deadline());
  const data = join(home, 'place', 'data');
  const atBirth = listed(data, `%y %m %s %P\n`);
  let now = await noteUnpacked(template, data, deadline());
  writeFileSync(join(data, 'PG_VERSION'), 'another');
  now = await expectPutBack(data, now, snapshot, ['PG_VERSION', 'base/1/1259', 'base/2/new']);
  mkdirSync(join(home, 'other'), { mode: 0o700 });
  await unpackOriginal(snapshot, join(home, 'other'), user, deadline());
  const other = join(home, 'other', 'data');
  expect(listed(data, '%y %m %s %P\n')).toEqual(listed(other, '%y %m %s %P\n'));
  expect(readFileSync(join(data, 'base/1/1259'), 'utf8')).toBe('PG_CLASS');
  now = await expectPutBack(data, now, snapshot, []);
  await expectPutBack(data, now, template, ['base/1/1259', 'pg_xact/0000']);
  expect(listed(data, '%y %m %s %P\n')).toEqual(atBirth);
  expect(readFileSync(join(data, 'base/1/1259'), 'utf8')).toBe('pg_class');
});

function listed(data: string, format: string): string[] {
  const said = execFileSync('find', ['.', '-printf', format], { cwd: data, encoding: 'utf8' });
  return said
    .split('\n')
    .filter((line) => !/^d .* $/.test(line))
    .sort();
}

test('what an archive holds that cannot be read cannot be told', async () => {
  const home = mkdtempSync(join(folder, 'case-'));
  const template: Original = { archive: await archiveIn(home) };
  const data = join(home, 'data');
  const before = await noteUnpacked(template, data, deadline());
  const broken: Original = { archive: join(home, 'data/PG_VERSION') };
  for (const [since, original] of [
    [before, broken],
    [await noteUnpacked(broken, data, deadline()), template],
  ] as const) {
    await expect(changesIn(data, since, original, user, deadline())).resolves.toBeUndefined();
  }
});

test('times are not believed when the clock was put back meanwhile', async () => {
  const home = mkdtempSync(join(folder, 'case-'));
  const template: Original = { archive: await archiveIn(home) };
  const data = join(home, 'data');
  const before = await noteUnpacked(template, data, deadline());
  const clock = jest.spyOn(Date, 'now').mockReturnValue(before.systemTime - 10);
  try {
    await expect(putBack(data, before, template, user, deadline())).resolves.toBeUndefined();
  } finally {
    clock.mockRestore();
  }
});
