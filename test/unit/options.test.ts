import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeOptions } from '../../src/options/take-options';
import { figure } from '../engine/figures';
import { useFolder } from '../support/folder';

const root = useFolder('options');
mkdirSync(join(root, 'sql'));
mkdirSync(join(root, 'empty'));
for (const name of ['sql/2.sql', 'sql/10.sql', 'sql/notes.txt', 'one.sql']) {
  writeFileSync(join(root, name), 'SELECT 1;');
}

const take = (given: Record<string, unknown>) => takeOptions(given, root).options;
const problemsOf = (given: Record<string, unknown>): string => {
  try {
    take(given);
  } catch (error) {
    expect(error).toMatchObject({ name: 'PgClusterError', code: 'ERR_PG_CLUSTER_OPTIONS' });
    return (error as Error).message;
  }
  throw new Error('was accepted');
};

test('what is left out has its default', () => {
  expect(take({})).toMatchObject({ slaves: [{}, {}], synchronous: 0, version: 17, heal: true });
  expect(take({})).toMatchObject({ image: undefined, password: undefined, basePort: undefined });
  expect(take({ heal: undefined, slaves: null })).toEqual(take({}));
  expect(take({ slaves: [{ synchronous: true }, {}] }).synchronous).toBe(1);
});

test('an image or a folder of programs has its own version unless one is asked for', () => {
  expect(take({ version: 15 })).toMatchObject({ version: 15, image: undefined });
  expect(take({ binDir: 'pg/bin' })).toMatchObject({
    version: undefined,
    binDir: join(root, 'pg/bin'),
  });
  expect(take({ image: 'acme/pg' })).toMatchObject({ version: undefined, image: 'acme/pg' });
  expect(take({ image: 'acme/pg', version: 16 })).toMatchObject({ version: 16, image: 'acme/pg' });
});

test('what one engine alone takes is known, and whether it decides', () => {
  const given = { dataLimitMb: 100, diskLimitMb: 64, heal: false, image: 'acme/pg' };
  expect(take(given).forOneEngine).toMatchObject([
    { name: 'image', engine: 'docker', decides: true },
    { name: 'diskLimitMb', engine: 'docker', decides: true },
    { name: 'dataLimitMb', engine: 'local', decides: false },
  ]);
  expect(take({ heal: false }).forOneEngine).toEqual([]);
});

test('options are frozen', () => {
  const options = take({ settings: { work_mem: '8MB' }, init: 'one.sql' });
  expect(Object.isFrozen(options)).toBe(true);
  expect(Object.isFrozen(options.settings)).toBe(true);
  expect(Object.isFrozen(options.init)).toBe(true);
});

test('our options are taken out, and Jest’s are passed on', () => {
  const { rest } = takeOptions({ slaves: 1, customExportConditions: ['x'], url: 'http://a' }, root);
  expect(rest).toEqual({ customExportConditions: ['x'], url: 'http://a' });
});

test('a folder of init SQL becomes its files in name order', () => {
  expect(take({ init: ['sql', '<rootDir>/one.sql', join(root, 'one.sql')] }).init).toEqual([
    join(root, 'sql/10.sql'),
    join(root, 'sql/2.sql'),
    join(root, 'one.sql'),
    join(root, 'one.sql'),
  ]);
});

test('inputs of prepare become their files: a folder those in it, less what is taken out', () => {
  const prepare = { command: 'migrate', inputs: ['sql', '<rootDir>/one.sql', '!**/2.sql'] };
  expect(take({ prepare }).prepare).toEqual({
    run: { command: 'migrate' },
    inputs: ['one.sql', 'sql/10.sql', 'sql/notes.txt'],
    timeoutMs: 600_000,
    directory: root,
  });
  expect(take({ prepare: 'migrate' }).prepare).toMatchObject({ inputs: undefined });
  expect(take({ prepare: { script: 'one.sql' } }).prepare?.run).toEqual({
    script: join(root, 'one.sql'),
  });
});

test('names and passwords may hold quotes, backslashes, spaces and other scripts', () => {
  const given = { user: `o'b"r\\ien`, database: 'données 東京', password: `p'"\\ #?/@:%` };
  expect(take(given)).toMatchObject(given);
});

test('all problems are reported at once', () => {
  const message = problemsOf({ slavs: 1, version: 12, heal: 'yes', synchronous: 3, slaves: 2 });
  expect(message).toContain('4 problems, nothing was started');
  expect(message).toMatch(/- unknown option "slavs"\. Did you mean "slaves"\?/);
  expect(message).toContain('- version must be a whole number from 13 to 99, not 12');
  expect(message).toContain("- heal must be true or false, not 'yes'");
  expect(message).toContain('- synchronous is 3, but slaves is 2: no commit could ever finish');
});

test('an invalid password is not shown', () => {
  expect(problemsOf({ password: 'hidden\0' })).not.toContain('hidden');
});

const bad: [given: Record<string, unknown>, problem: string | RegExp][] = [
  [{ qqqqqq: 1 }, 'unknown option "qqqqqq". Known are engine, slaves,'],
  [{ engine: 'podman' }, "engine must be 'auto' or 'docker' or 'local', not 'podman'"],
  [{ slaves: -1 }, 'slaves must be a whole number from 0 to 15, or an array of slaves, not -1'],
  [{ slaves: 1.5 }, 'slaves must be a whole number'],
  [{ slaves: '2' }, "slaves must be a whole number from 0 to 15, or an array of slaves, not '2'"],
  [{ slaves: 16 }, 'slaves must be a whole number'],
  [{ slaves: [1] }, 'slaves[0] must be an object like { "slot": true }, not 1'],
  [
    { slaves: [{ upstrem: 'pg0' }] },
    'slaves[0] has an unknown key "upstrem". Did you mean "upstream"?',
  ],
  [
    { slaves: [{ upstream: 'pg1' }] },
    "slaves[0].upstream must be 'pg0', a node before it, not 'pg1'",
  ],
  [
    { slaves: [{}, { slot: 1, replayDelayMs: -1 }] },
    /slaves\[1\]\.slot must be.*slaves\[1\]\.replayDelayMs/,
  ],
  [{ slaves: [{ settings: { port: 1 } }] }, 'slaves[0].settings cannot have port'],
  [{ slaves: Array(16).fill({}) }, 'slaves has 16 slaves, but 15 is the most'],
  [{ slaves: [{ synchronous: true }, {}], synchronous: 2 }, 'only 1 slaves are marked synchronous'],
  [
    { slaves: [{}, { upstream: 'pg1' }], synchronous: 2 },
    'synchronous is 2, but of the slaves that may confirm commits only 1 stream from the master',
  ],
  [
    { staleReads: true, synchronous: 1, settings: { synchronous_commit: 'remote_apply' } },
    "commits wait for it (synchronous is 1, and settings.synchronous_commit 'remote_apply'): none",
  ],
  [{ tls: 'always' }, "tls must be true, false or 'required', not 'always'"],
  [
    { tls: 'required', settings: { SSL: true }, slaves: [{ settings: { ssl_key_file: 'k' } }] },
    'tls is "required", so settings cannot have ssl, ssl_key_file',
  ],
  [{ staleReads: 1 }, 'staleReads must be true or false, not 1'],
  [{ synchronous: true }, 'synchronous must be a whole number'],
  [{ version: '17' }, 'version must be a whole number'],
  [{ image: '' }, 'image must be a non-empty string without white space'],
  [{ image: 'a b' }, 'image must be'],
  [{ database: '' }, 'database must be a non-empty string'],
  [{ database: 'a\0b' }, 'database must be a non-empty string without control characters'],
  [{ database: 'a?b' }, 'database must be free of the characters ? and #'],
  [{ database: 'x'.repeat(64) }, 'database has 64 bytes, but PostgreSQL’s'.replace('’', "'")],
  [{ user: 'é'.repeat(32) }, 'user has 64 bytes'],
  [{ user: 'pgcluster_admin' }, 'user cannot be "pgcluster_admin": the cluster itself needs'],
  [{ user: 5 }, 'user must be a non-empty string'],
  [{ password: '' }, 'password must be a non-empty string'],
  [{ password: 'a\0' }, 'password must be a non-empty string without NUL'],
  [{ settings: [] }, 'settings must be an object'],
  [{ settings: 'fsync=on' }, 'settings must be an object'],
  [{ settings: { port: 1 } }, 'settings cannot have port: the environment sets it itself'],
  [{ settings: { Listen_Addresses: 'x' } }, 'settings cannot have Listen_Addresses'],
  [{ settings: { 'a b': 1 } }, 'settings has the name "a b", which is no name of a setting'],
  [{ settings: { work_mem: null } }, 'settings has work_mem: null, but it takes'],
  [{ settings: { work_mem: 'a\nb' } }, 'settings has work_mem with a line break'],
  [{ settings: { port: 1, 'a b': 1 } }, /settings cannot have port.*settings has the name "a b"/],
  [{ dataLimitMb: 63 }, 'dataLimitMb must be a whole number from 64 to 1048576, not 63'],
  [
    { dataLimitMb: 100, engine: 'docker' },
    "dataLimitMb is for engine 'local', but engine is 'docker'",
  ],
  [{ diskLimitMb: 63 }, 'diskLimitMb must be a whole number from 64 to 65536, not 63'],
  [
    { diskLimitMb: 64, engine: 'local' },
    "diskLimitMb is for engine 'docker', but engine is 'local'",
  ],
  [{ dockerHosts: [] }, "dockerHosts must be a list of engines' addresses"],
  [{ dockerHosts: ['big-machine'] }, 'dockerHosts must be a list of'],
  [{ dockerHosts: 'ssh://me@big' }, 'dockerHosts must be a list of'],
  [{ platform: 'amd64' }, "platform must be such as 'linux/amd64'"],
  [{ publishOn: '10.0.0.300' }, "publishOn must be an IPv4 address of the engine's machine"],
  [{ publishOn: 'a name' }, 'publishOn must be an IPv4 address'],
  [{ publishOn: '0.0.0.0' }, 'publishOn must be an IPv4 address'],
  [{ publishOn: 5 }, 'publishOn must be an IPv4 address'],
  [
    { publishOn: '10.0.0.5', engine: 'local' },
    "publishOn is for engine 'docker', but engine is 'local'",
  ],
  [{ database: 'd\'"\n' }, 'database must be a non-empty string without control characters'],
  [{ user: 'u\x7f' }, 'user must be a non-empty string without control characters'],
  [{ user: 'x'.repeat(64) }, "user has 64 bytes, but PostgreSQL's"],
  [{ user: 'a'.repeat(1000) }, 'user has 1000 bytes'],
  [{ password: 'p'.repeat(1001) }, 'password must be a non-empty string without NUL of at most'],
  [{ settings: { naïve: 1 } }, 'settings has the name "naïve", which is no name of a setting'],
  [{ settings: { work_mem: 'a\0' } }, 'settings has work_mem with a line break or NUL'],
  [{ init: 'sql/\0.sql' }, 'init must be the path of an SQL file or folder'],
  [{ superuser: 1 }, 'superuser must be true or false, not 1'],
  [{ extensions: [''] }, "extensions must be the name of an extension such as 'postgis', or"],
  [{ extensions: { a: 1 } }, 'extensions must be the name of an extension'],
  [{ extensions: 'a b' }, 'extensions must be the name of an extension'],
  [{ prepare: 1 }, "prepare must be a command, or an object like { command: 'npx prisma"],
  [{ prepare: '  ' }, "prepare has command, which must be a command line, not '  '"],
  [{ prepare: {} }, 'prepare must have either command or script'],
  [{ prepare: { command: 'a', script: 'one.sql' } }, 'prepare must have either command or script'],
  [{ prepare: { comand: 'a' } }, 'prepare has an unknown key "comand". Did you mean "command"?'],
  [
    { prepare: { script: 'nowhere.mjs' } },
    "script, which names 'nowhere.mjs', but there is no file",
  ],
  [{ prepare: { command: 'a', inputs: [1] } }, "inputs, which must be globs like 'prisma/**'"],
  [
    { prepare: { command: 'a', inputs: ['sql/**', 'sqk/**', '!*.txt'] } },
    /inputs, which has 'sqk\/\*\*', which no file in .* matches/,
  ],
  [{ prepare: { command: 'a', timeoutMs: 0 } }, 'timeoutMs, which must be a whole number from 1'],
  [{ binDir: 'a\0b' }, 'binDir must be the path of a folder'],
  [{ cacheDir: [] }, 'cacheDir must be the path of a folder'],
  [{ heal: 0 }, 'heal must be true or false, not 0'],
  [{ lifetime: 'test' }, "lifetime must be 'file' or 'worker', not 'test'"],
  [{ isolation: 'worker' }, "isolation must be 'file' or 'test', not 'worker'"],
  [{ binDir: 1 }, 'binDir must be the path of a folder, not 1'],
  [{ cacheDir: '' }, 'cacheDir must be the path of a folder'],
  [{ networkFaults: 1 }, 'networkFaults must be true or false, not 1'],
  [{ engine: 'local', image: 'a' }, "image is for engine 'docker', but engine is 'local'"],
  [{ binDir: 'a', image: 'a' }, "image is for engine 'docker', but binDir is for 'local'"],
  [
    { binDir: 'a', diskLimitMb: 64 },
    /diskLimitMb is for engine 'docker', but binDir is for 'local': only a file system of its own/,
  ],
  [{ binDir: 'a', publishOn: '10.0.0.5' }, "publishOn is for engine 'docker', but binDir is for"],
  [{ engine: 'docker', binDir: 'a' }, "binDir is for engine 'local', but engine is 'docker'"],
  [{ init: 'nowhere.sql' }, 'init names "nowhere.sql", but there is no file or folder at'],
  [{ init: 'empty' }, /init names the folder .*empty, which holds no \.sql file/],
  [{ init: [1] }, 'init must be the path of an SQL file or folder'],
  [{ basePort: 0 }, 'basePort must be a whole number from 1 to 65535'],
  [{ basePort: 65_534 }, 'with 2 slaves the last port would be over 65535'],
  [{ logs: 'sometimes' }, "logs must be 'on-failure' or 'always' or 'never'"],
  [{ startTimeoutMs: 0 }, 'startTimeoutMs must be a whole number from 1'],
  [{ startTimeoutMs: Number.NaN }, 'startTimeoutMs must be a whole number'],
];

test.each(bad)('%j is refused', (given, problem) => {
  expect(problemsOf(given)).toEqual(
    typeof problem === 'string' ? expect.stringContaining(problem) : expect.stringMatching(problem),
  );
  figure('bad inputs refused');
});
