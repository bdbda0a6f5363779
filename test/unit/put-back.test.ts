import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { noteUnpacked, putBack, type Unpacked } from '../../src/engine/local/data/put-back';
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
  let now = await noteUnpacked(made, data, user, deadline());
  expect(now).toBeDefined();
  // Twice, as it is spoilt again after it was put back.
  for (let time = 0; time < 2 && now; time += 1) {
    execFileSync('sh', ['-c', spoil], { cwd: data });
    now = await putBack(data, now as Unpacked, user, deadline());
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
  ['links to elsewhere', 'ln -s /tmp pg_xact/elsewhere'],
])('is as it was unpacked after %s', async (_, spoil) => {
  expect(await differences(spoil)).toEqual([]);
});

test.each([
  ['directories are gone', 'rm -rf pg_xact'],
  ['directories may be read by everybody', 'chmod 777 base/1'],
  ['directories are links', 'mv base/1 ../z; ln -s "$PWD/../z" base/1'],
  ['names are no text', `touch "$(printf 'x\\377')"`],
  ['too much has changed', 'i=0; while [ $i -lt 2100 ]; do : >"n$i"; i=$((i+1)); done'],
])('has to be replaced when %s', async (_, spoil) => {
  expect(await differences(spoil)).toBe('all has to be replaced');
});
