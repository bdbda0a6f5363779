import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRecordings } from '../../src/report/reading/read-recordings';
import type { Recording } from '../../src/report/reading/recording';
import type { Happening, RecordLine } from '../../src/report/records';
import { until } from '../support/until';
import { type JestRun, runJest } from './harness/jest';
import { Project } from './harness/project';

const folderName = 'pg-cluster-report';

function runIn(
  project: Project,
  files: string,
  args: string[] = [],
  env = {},
  whileRunning?: (pid: number) => Promise<void>,
): Promise<JestRun> {
  const o = { env, ...(whileRunning && { whileRunning }) };
  return runJest(project, [`--testPathPatterns=${files}`, ...args], o);
}

/** What is left in the project's folder for reports; none if there is no such folder. */
function recordingsIn(project: Project): readonly Recording[] {
  const folder = join(project.folder, folderName);
  return existsSync(folder) ? readRecordings([folder]).recordings : [];
}

function pageOf(project: Project, name = 'index.html'): string {
  return readFileSync(join(project.folder, folderName, name), 'utf8');
}

function of<K extends Happening['kind']>(kind: K, { records }: Recording) {
  return records.filter((line): line is Extract<RecordLine, { kind: K }> => line.kind === kind);
}

/** Names and outcomes, in the order in which tests began. */
function outcomes(recording: Recording): [name: string, attempt: number, outcome: string][] {
  return of('test begins', recording).map(({ test, name, attempt }) => {
    const end = of('test ends', recording).find((ended) => ended.test === test);
    return [name, attempt, end?.outcome ?? 'no end'];
  });
}

function lastLine({ stderr }: JestRun): string {
  return stderr.trimEnd().split('\n').at(-1) ?? '';
}

test('of a run that failed the files that failed are kept, and the last line is the page’s URL', async () => {
  const project = new Project('report');
  const run = await runIn(project, '(fails|passes).test');
  run.expectExit(1);
  const [recording, ...others] = recordingsIn(project);
  expect(others).toEqual([]);
  if (!recording) throw new Error('nothing was recorded');

  expect(recording).toMatchObject({ isWhole: true, problems: [] });
  expect(recording.begin).toMatchObject({ file: 'fails.test.js', nodes: ['pg0', 'pg1'] });
  expect(outcomes(recording)).toEqual([
    ['passes', 1, 'passed'],
    ['fails', 1, 'failed'],
    ['a block › fails', 1, 'failed'],
  ]);
  expect(of('fault off', recording)).toMatchObject([{ node: 'pg1', fault: 'paused', by: 'heal' }]);
  const [error] = of('test ends', recording).flatMap(({ errors }) => errors);
  expect(error).toMatch(/Expected: "that [\s\S]*at .*fails\.test\.js:11/);
  expect(error).not.toMatch(/node_modules/);
  const [log] = of('log', recording);
  expect(log).toMatchObject({ node: 'pg0' });
  expect(log?.lines).toContainEqual(
    expect.objectContaining({ severity: 'ERROR', text: 'division by zero\nSTATEMENT: SELECT' }),
  );

  const text = JSON.stringify(recording);
  expect(text).not.toContain('secret_column');
  expect(text).toMatch(/postgres(ql)?:\/\/\w+:\*\*\*@/);

  const page = join(project.folder, folderName, 'index.html');
  expect(pageOf(project)).toContain('a block › fails');
  expect(lastLine(run)).toBe(
    `pg-cluster: what happened to the clusters: ${pathToFileURL(page).href}`,
  );
});

test('of a run in which nothing fails nothing is left, of former runs neither', async () => {
  const project = new Project('report');
  (await runIn(project, 'fails.test')).expectExit(1);
  expect(recordingsIn(project)).toHaveLength(1);
  const run = await runIn(project, 'passes.test');
  run.expectExit(0);
  expect(existsSync(join(project.folder, folderName))).toBe(false);
  expect(run.stderr).not.toContain('what happened');
});

test('keep: always, two workers, test.concurrent, retries, and a failover', async () => {
  const project = new Project('report');
  const run = await runIn(
    project,
    '(concurrent|retried|failover).test',
    ['--maxWorkers=2', '--workerIdleMemoryLimit=2GB'],
    { REPORTER: JSON.stringify({ keep: 'always', sql: true }) },
  );
  run.expectExit(1);
  const recordings = recordingsIn(project);
  const files = Object.fromEntries(
    recordings.map((recording) => [recording.begin.file, recording]),
  );
  const { 'concurrent.test.js': concurrent, 'retried.test.js': retried } = files;
  const failover = files['failover.test.js'];
  if (!concurrent || !retried || !failover) throw new Error(`only ${Object.keys(files)}`);
  expect(outcomes(concurrent).sort()).toEqual([
    ['one', 1, 'passed'],
    ['two', 1, 'failed'],
  ]);
  expect(outcomes(retried)).toEqual([
    ['fails once', 1, 'failed'],
    ['fails once', 2, 'passed'],
  ]);
  expect(of('hook begins', failover)).toMatchObject([{ type: 'beforeAll', block: null }]);
  expect(of('fault off', failover)).toMatchObject([{ node: 'pg0', fault: 'killed' }]);
  expect(of('endpoint', failover).filter(({ endpoint }) => endpoint === 'writer')).toMatchObject([
    { targets: ['pg0'] },
    { targets: ['pg1'] },
  ]);
  expect(of('node', failover).findLast(({ node }) => node === 'pg1')).toMatchObject({
    role: 'master',
    timelineId: 2,
  });
});

test('what a killed worker has written is all there', async () => {
  const project = new Project('report');
  const run = await runIn(project, '(killed|passes).test', [
    '--maxWorkers=2',
    '--workerIdleMemoryLimit=2GB',
  ]);
  run.expectExit(1);
  const recordings = recordingsIn(project);
  expect(recordings.length).toBeGreaterThan(0);
  for (const recording of recordings) {
    expect(recording).toMatchObject({ begin: { file: 'killed.test.js' }, isWhole: false });
    expect(outcomes(recording)).toEqual([['kills its process', 1, 'no end']]);
    expect(of('act ends', recording).at(-1)).toMatchObject({ outcome: 'done' });
    expect(of('fault on', recording)).toMatchObject([{ node: 'pg1', fault: 'paused' }]);
  }
  expect(lastLine(run)).toMatch(/index\.html$/);
});

test('shards in one folder have a page each, and their recordings stay until they run again', async () => {
  const project = new Project('report');
  for (const shard of ['1/2', '2/2', '2/2']) {
    const run = await runIn(project, '(fails|failover).test', [`--shard=${shard}`], {
      EXPECTED_MASTER: 'another',
    });
    run.expectExit(1);
    expect(lastLine(run)).toContain(`shard-${shard.replace('/', '-of-')}.html`);
  }
  expect(recordingsIn(project).map(({ begin }) => [begin.file, begin.shard])).toEqual(
    expect.arrayContaining([
      [expect.any(String), '1/2'],
      [expect.any(String), '2/2'],
    ]),
  );
  expect(recordingsIn(project)).toHaveLength(2);
});

test.each([['--runInBand'], ['--maxWorkers=2']])(
  'with %s, a Jest that a test runs is not recorded',
  async (how) => {
    const project = new Project('report');
    const run = await runIn(project, '(inner|passes).test', [how, '--workerIdleMemoryLimit=2GB'], {
      REPORTER: JSON.stringify({ keep: 'always' }),
    });
    run.expectExit(1);
    expect(project.statuses()).toMatchObject({ 'runs a Jest of its own, which fails': 'failed' });
    expect(
      recordingsIn(project)
        .map(({ begin }) => begin.file)
        .sort(),
    ).toEqual(['inner.test.js', 'passes.test.js']);
  },
);

test('a folder with files of others is refused, and stays as it is', async () => {
  const project = new Project('report');
  mkdirSync(join(project.folder, 'docs'));
  writeFileSync(join(project.folder, 'docs', 'index.html'), 'theirs');
  const run = await runIn(project, 'passes.test', [], {
    REPORTER: JSON.stringify({ folder: 'docs', keep: 'always' }),
  });
  run.expectExit(1);
  expect(run.stderr).toMatch(/docs is a folder with files of others, which it would replace/);
  expect(readdirSync(join(project.folder, 'docs'))).toEqual(['index.html']);
});

test('wrong options are all named', async () => {
  const project = new Project('report');
  const run = await runIn(project, 'passes.test', [], {
    REPORTER: JSON.stringify({ folders: 'x', keep: 'never' }),
  });
  run.expectExit(1);
  expect(run.stderr).toMatch(/unknown option "folders"\. Did you mean "folder"/);
  expect(run.stderr).toMatch(/keep must be 'on-failure' or 'always', not 'never'/);
});

test('--bail: what failed until then is in the page', async () => {
  const project = new Project('report');
  const run = await runIn(project, '(fails|passes).test', ['--bail', '--runInBand']);
  run.expectExit(1);
  expect(recordingsIn(project).map(({ begin }) => begin.file)).toEqual(['fails.test.js']);
  expect(pageOf(project)).toContain('a block › fails');
  expect(lastLine(run)).toMatch(/index\.html$/);
});

test('in watch mode each run replaces what the one before has left', async () => {
  const project = new Project('report');
  const page = join(project.folder, folderName, 'index.html');
  const test = join(project.folder, 'fails.test.js');
  const text = readFileSync(test, 'utf8');
  const run = await runIn(project, 'fails.test', ['--watchAll'], {}, async (jest) => {
    await until('a page', () => existsSync(page), 60_000);
    const begun = recordingsIn(project)[0]?.begin.startedAt ?? 0;
    writeFileSync(test, `${text}// again\n`);
    const isNext = ({ begin, isWhole }: Recording) => begin.startedAt > begun && isWhole;
    await until('the next run', () => recordingsIn(project).some(isNext), 60_000);
    await until('its page', () => existsSync(page), 60_000);
    expect(recordingsIn(project)).toHaveLength(1);
    writeFileSync(test, "test('is mended', () => {});\n");
    await until('nothing left', () => !existsSync(join(project.folder, folderName)), 60_000);
    process.kill(-jest, 'SIGINT');
  });
  expect(run.stderr).toContain(pathToFileURL(page).href);
});

test('the page of a failed run is opened, if that is asked for', async () => {
  const project = new Project('report');
  mkdirSync(join(project.folder, 'bin'));
  project.write('bin/xdg-open', `#!/bin/sh\nprintf '"%s"' "$1" >told-opened.json\n`);
  chmodSync(join(project.folder, 'bin', 'xdg-open'), 0o755);
  const run = await runIn(project, 'fails.test', [], {
    REPORTER: JSON.stringify({ open: 'on-failure' }),
    PATH: `${join(project.folder, 'bin')}:${process.env.PATH}`,
    // On CI nobody would see it.
    CI: 'false',
  });
  run.expectExit(1);
  await until('a browser to be called', () => project.told().length > 0);
  expect(lastLine(run)).toContain(project.told<string>()[0]);
});

test('several projects of a run come into one page', async () => {
  const project = new Project('report');
  project.write(
    'projects.js',
    `const { reporters, ...config } = require('./jest.config.js');
     module.exports = { reporters, projects: ['first', 'second'].map((displayName) => ({ ...config, displayName })) };`,
  );
  const run = await runIn(project, 'passes.test', ['--config=projects.js'], {
    REPORTER: JSON.stringify({ keep: 'always' }),
  });
  run.expectExit(0);
  const projects = recordingsIn(project).map(({ begin }) => begin.project);
  expect(projects.sort()).toEqual(['first', 'second']);
  for (const name of projects) expect(pageOf(project)).toContain(`project ${name}`);
});
