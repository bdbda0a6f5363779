import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { withLock } from '../../src/base/machine/lock';
import { silent } from '../../src/base/progress';
import { serversPart } from '../../src/engine/local/directories/roots';
import { lockOf, removeOldEntries } from '../../src/engine/local/programs/unused-entries';
import { unpack } from '../../src/engine/local/system/archives';
import { serverUser } from '../../src/engine/local/system/server-user';
import { start } from '../support/cluster';
import { keepEnv } from '../support/env';
import { failure } from '../support/failure';
import { useFolder } from '../support/folder';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';
import { until } from '../support/until';
import { smallDisk } from './small-disk';

const folder = useFolder('template');
keepEnv(afterEach);
afterEach(expectNothingLeft);

let caches = 0;
function newCache(): string {
  caches += 1;
  return join(folder, `cache-${caches}`);
}

const templatesIn = (cacheDir: string) =>
  readdirSync(cacheDir).filter((name) => name.startsWith('template-'));

async function started(given: Record<string, unknown>, sql = 'SELECT 1 AS a') {
  await using the = await start({ slaves: 1, ...given });
  return await rows(the.pgCluster.masterUrl, sql);
}

test('failing SQL in init is reported with its file and line, and nothing is kept', async () => {
  const cacheDir = newCache();
  await expect(start({ init: 'sql/broken.sql', cacheDir })).rejects.toMatchObject(
    failure('IMAGE', /running broken\.sql failed: line 2: relation "nowhere" does not exist/),
  );
  expect(templatesIn(cacheDir)).toEqual([]);
});

test('init may contain statements that only work outside a transaction', async () => {
  const init = join(folder, 'statements.sql');
  writeFileSync(
    init,
    `CREATE TABLE made (a int); -- a comment; with a semicolon
     CREATE INDEX CONCURRENTLY made_a ON made (a);
     CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$;
     INSERT INTO made SELECT one();
     VACUUM made;`,
  );
  await expect(started({ init }, 'TABLE made')).resolves.toEqual([{ a: 1 }]);
});

test('starts at the same time make the same template once', async () => {
  const cacheDir = newCache();
  await Promise.all([started({ cacheDir }), started({ cacheDir }), started({ cacheDir })]);
  expect(templatesIn(cacheDir)).toHaveLength(1);
  await started({ cacheDir, settings: { work_mem: '5MB' } });
  expect(templatesIn(cacheDir)).toHaveLength(2);
});

test('what a killed build has left in the cache is not used as a template', async () => {
  const cacheDir = newCache();
  await started({ cacheDir });
  const [name] = templatesIn(cacheDir);
  rmSync(join(cacheDir, String(name), 'password'));
  await expect(started({ cacheDir })).resolves.toEqual([{ a: 1 }]);
  expect(templatesIn(cacheDir)).toEqual([name]);
});

test('the environment variable moves the cache; the option comes first', async () => {
  const [fromVariable, fromOption] = [newCache(), newCache()];
  process.env.PG_CLUSTER_CACHE_DIR = fromVariable;
  await started({});
  await started({ cacheDir: fromOption });
  expect(templatesIn(fromVariable)).toHaveLength(1);
  expect(templatesIn(fromOption)).toHaveLength(1);
});

test('a cache that cannot be written to says so', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  await expect(start({ cacheDir: join(file, 'cache') })).rejects.toMatchObject(
    failure('START', /^the cluster did not start: .*cache directory .* cannot be used/),
  );
});

test('a damaged template is named, and made again once it is removed', async () => {
  const cacheDir = newCache();
  await started({ cacheDir });
  const [name = ''] = templatesIn(cacheDir);
  const archive = join(cacheDir, name, 'data.tar');
  truncateSync(archive, 1_000_000);
  const refused = await started({ cacheDir }).catch((error: Error) => error);
  expect(refused).toMatchObject({ code: expect.stringMatching(/^ERR_PG_CLUSTER_/) });
  expect((refused as Error).message).toContain(
    `could not unpack ${archive} (if it is damaged, remove it: it will be made again): tar`,
  );
  rmSync(archive);
  await expect(started({ cacheDir })).resolves.toEqual([{ a: 1 }]);
});

test('drafts that killed builds have left are removed by the next build', async () => {
  const cacheDir = newCache();
  await started({ cacheDir });
  const [name = ''] = templatesIn(cacheDir);
  mkdirSync(join(cacheDir, `${name}.abandoned`));
  rmSync(join(cacheDir, name, 'data.tar'));
  await started({ cacheDir });
  expect(templatesIn(cacheDir)).toEqual([name]);
});

test('a cache that is full says so, and keeps nothing of what was begun in it', async () => {
  const cacheDir = newCache();
  using _full = smallDisk(cacheDir);
  const refused = await started({ cacheDir }).catch((error: Error) => error);
  expect(refused).toMatchObject(
    failure('START', `no space left on device: ${cacheDir} is full; make room`),
  );
  // Not a line for each file.
  expect((refused as Error).message.length).toBeLessThan(1500);
  expect(templatesIn(cacheDir)).toEqual([]);
});

test('a data directory that does not fit in memory is reported in one line', async () => {
  const cacheDir = newCache();
  await started({ cacheDir });
  const [name = ''] = templatesIn(cacheDir);
  const full = join(folder, 'full');
  using _full = smallDisk(full);
  const archive = join(cacheDir, name, 'data.tar');
  const unpacking = unpack(archive, full, { name: 'us', ids: undefined }, Deadline.in(20_000));
  await expect(unpacking).rejects.toThrow(
    `no space left on device: the copy of ${archive} does not fit where ${full} is; make room there`,
  );
});

describe('templates and copies of programs', () => {
  const aDay = 24 * 60 * 60 * 1000;
  const age = (path: string, days: number) => {
    const then = new Date(Date.now() - days * aDay);
    utimesSync(path, then, then);
  };

  const gone = (path: string) =>
    until(`${path} to go`, async () => (existsSync(path) ? 'it is there' : true), 20_000);

  test('go when nobody has used them for long, and stay otherwise', async () => {
    const cacheDir = newCache();
    const part = serversPart(cacheDir, serverUser());
    const name = (kind: string, digit: string) => `${kind}-${digit.repeat(20)}`;
    const old = [
      join(cacheDir, name('template', 'a')),
      join(cacheDir, `${name('template', 'b')}.left`),
      join(part, name('programs', 'a')),
    ];
    const kept = [
      join(cacheDir, name('template', 'c')),
      join(cacheDir, name('template', 'd')),
      join(cacheDir, 'of-somebody-else'),
      join(part, name('programs', 'c')),
    ];
    for (const path of [...old, ...kept]) {
      mkdirSync(join(path, 'data'), { recursive: true });
      writeFileSync(join(path, 'data.tar'), '');
      age(path, 15);
    }
    age(kept[0] as string, 13);
    // In use just now: it is locked, and noted before the lock is released.
    const using = withLock(lockOf(kept[1] as string), Deadline.in(20_000), silent, async () => {
      age(kept[3] as string, 0);
      const removing = removeOldEntries([cacheDir, part]);
      await gone(old[0] as string);
      await gone(old[1] as string);
      age(kept[1] as string, 0);
      return { removing };
    });
    await (await using).removing;
    expect(old.filter((path) => existsSync(path))).toEqual([]);
    expect(kept.filter((path) => !existsSync(path))).toEqual([]);
    expect(readdirSync(cacheDir).sort()).toEqual(
      kept
        .slice(0, 3)
        .map((path) => basename(path))
        .sort(),
    );
  });

  test('are removed by a start, which notes what it uses itself', async () => {
    const cacheDir = newCache();
    const left = join(cacheDir, `template-${'a'.repeat(20)}`);
    mkdirSync(left, { recursive: true });
    age(left, 15);
    await started({ cacheDir });
    await gone(left);
    const [name = ''] = templatesIn(cacheDir);
    const home = join(cacheDir, name);
    const made = statSync(join(home, 'data.tar')).mtimeMs;
    age(home, 15);
    await started({ cacheDir });
    await removeOldEntries([cacheDir]);
    expect(templatesIn(cacheDir)).toEqual([name]);
    expect(statSync(join(home, 'data.tar')).mtimeMs).toBe(made);
  });
});
