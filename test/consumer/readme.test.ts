import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Docker from 'dockerode';
import { parse } from 'yaml';
import { buildImage } from '../engine/build-image';
import { runCommand } from './harness/command';
import { runJest } from './harness/jest';
import { runPgCluster } from './harness/pg-cluster';
import { Project } from './harness/project';
import { runNode } from './harness/run';
import { typeCheck } from './harness/type-check';
import { runVitest } from './harness/vitest';

const repository = join(__dirname, '..', '..');
const readme = readFileSync(join(repository, 'README.md'), 'utf8');

interface Snippet {
  readonly language: string;
  /** The file that it is, for all that are none of the shell's. */
  readonly file: string;
  readonly text: string;
}

const snippets: Snippet[] = [...readme.matchAll(/^```(\S+) ?(\S*)\n(.*?)^```$/gms)].map(
  ([, language = '', file = '', text = '']) => ({ language, file, text }),
);

/** What runs each command of the README, in a block of its own or in a script for CI. */
const commands: Record<string, string> = {
  'npm ci && npm test': '.ci/run, which runs this',
  'npm install --save-dev jest jest-environment-pg-cluster pg': 'the installation for these tests',
  'npm ci': '.ci/run, too',
  'npx jest': 'the test of the snippets below',
  'docker run --rm -v /var/run/docker.sock:/var/run/docker.sock -v "$PWD:$PWD" -w "$PWD" node:22 npx jest':
    'in-a-container.test.ts, in an image that is to be had there',
  'node --test orders-test.mjs': 'the test of what runs without Jest',
  'npm install --save-dev vitest jest-environment-pg-cluster pg': 'the installation, too',
  'npx jest-environment-pg-cluster up --engine local --slaves 2': 'the next test',
  'npx jest-environment-pg-cluster doctor': 'the next test',
  'npx jest-environment-pg-cluster prune --older 7d --dry-run': 'the next test',
};

test('every command of the README is run by something', () => {
  const shell = snippets.filter(({ language }) => language === 'sh').map(({ text }) => text.trim());
  const inCi = scriptsFor('.github/workflows/test.yml', (workflow: Workflow) =>
    Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? [])),
  );
  const inGitLab = scriptsFor('.gitlab-ci.yml', (jobs: Record<string, { script: string[] }>) =>
    Object.values(jobs).flatMap(({ script }) => script),
  );
  expect(inCi).toEqual(['npm ci', 'npx jest']);
  expect(inGitLab).toEqual(inCi);
  expect([...shell, ...inCi].sort()).toEqual(Object.keys(commands).sort());
});

test('the commands of pg-cluster do as they are shown', async () => {
  const shown = Object.keys(commands).filter((one) => one.startsWith('npx jest-environment-'));
  // npx looks no further than where the next package.json is, and that project has one of its own.
  const { folder: cwd } = new Project('single');
  for (const command of shown) {
    const [program = '', ...args] = command.split(' ');
    const run = await runCommand(program, ['--no-install', ...args], { cwd, env: process.env });
    run.expectExit(0);
    expect(run.stdout).not.toBe('');
  }
});

test('what it types at the prompt works', async () => {
  const typed = snippets.find(({ file }) => file === prompt)?.text ?? '';
  const run = await runPgCluster(new Project('single'), ['up', '--engine', 'local'], {
    input: typed,
  });
  run.expectExit(0);
  expect(run.stdout).toMatch(/^pg1 +master +running/m);
});

interface Workflow {
  readonly jobs: Record<string, { readonly steps: readonly { readonly run?: string }[] }>;
}

function scriptsFor<T>(name: string, scripts: (parsed: T) => string[]): string[] {
  const snippet = snippets.find(({ file }) => file === name);
  return scripts(parse(snippet?.text ?? ''));
}

test('every npm script that the README names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string);
  // That of the reader's own project, which the folder of the snippets has.
  const missing = named.filter((name) => scripts[name] === undefined && name !== 'migrate');
  expect(named).toContain('demo');
  expect(missing).toEqual([]);
});

test('every link within the README leads to a heading', () => {
  const anchors = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [...readme.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor as string);
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect(anchors).toContain(link);
});

/** Those that other programs than Jest run. */
const prompt = 'by-hand.repl';
const withoutJest = ['orders-test.mjs', 'vitest.config.mjs', 'crash.test.mjs', prompt];

/** The one that needs Docker, and an application in an image, here psql alone. */
const inContainer = 'container.test.js';
const app = {
  tag: 'jest-environment-pg-cluster-test/my-app',
  Dockerfile: `FROM postgres:17
ENTRYPOINT ["sh", "-c", "psql $DATABASE_URL -Atc \\"SELECT count(*) || ' orders' FROM orders\\""]
`,
};

/** One that Jest would find beside jest.config.js, and refuse. */
const typedConfig = 'jest.config.ts';

/** Of files that are there more than once, the first or the last. */
const oneOfEach = {
  first: (files: readonly Snippet[]) => [...files].reverse(),
  last: (files: readonly Snippet[]) => files,
};

/**
 * What most readers run in Docker; that the acts of the other files work there, too, is seen with
 * fewer starts of clusters in test/integration.
 */
const inDocker = ['jest.config.js', 'orders.test.js', 'migrations.test.js', inContainer];

test.each([
  ['some files', 'in Docker', {}, 'first'],
  ['the files', 'as local processes', { DOCKER_HOST: 'unix:///nonexistent.sock' }, 'last'],
] as const)('%s of the README are a project whose tests pass %s', async (_, _how, env, which) => {
  const files = snippets.filter(
    ({ language, file }) =>
      !['sh', 'yaml'].includes(language) &&
      !withoutJest.includes(file) &&
      (which === 'first' ? inDocker.includes(file) : file !== inContainer),
  );
  expect(files.map(({ file }) => file)).not.toContain('');
  if (which === 'first') await buildImage(new Docker(), app.tag, { Dockerfile: app.Dockerfile });
  const project = new Project('readme');
  for (const { file, text } of oneOfEach[which](files)) {
    if (file !== typedConfig) project.write(file, text.replace("'my-app'", `'${app.tag}'`));
  }

  const run = await runJest(project, [], { env, transforms: true });
  run.expectExit(0);
  const tests = files.flatMap(({ text }) =>
    [...text.matchAll(/^test\('(.*)',/gm)].map((m) => m[1]),
  );
  expect(Object.keys(project.statuses()).sort()).toEqual(tests.sort());
});

test('what runs without Jest passes in node:test and Vitest', async () => {
  const project = new Project('readme');
  for (const { file, text } of snippets) {
    if (withoutJest.includes(file)) project.write(file, text);
  }
  const run = await runNode(project, ['--test', '--test-reporter=tap', 'orders-test.mjs']);
  run.expectExit(0);
  expect(run.stdout).toMatch(/^# pass 1$/m);

  const inVitest = await runVitest(project);
  inVitest.expectExit(0);
  expect(Object.keys(project.statuses())).toHaveLength(2);
});

test('every runtime dependency earns its place in a line', () => {
  const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies)) expect(readme).toContain(`\`${name}\``);
  // One for each platform.
  for (const name of Object.keys(manifest.optionalDependencies)) {
    expect(readme).toContain(`\`${name.replace(/\/.*/, '/<platform>')}\``);
  }
});

test('the label of the README finds images', async () => {
  const label = /`(jest-environment-pg-cluster\.\w+)`/.exec(readme)?.[1];
  const filters = { label: [String(label)] };
  expect((await new Docker().listImages({ filters })).length).toBeGreaterThan(0);
});

test('its tsconfig.json compiles its jest.config.ts, and a test that uses the globals', async () => {
  const project = new Project('readme');
  for (const { file, text } of snippets) {
    if (['tsconfig.json', typedConfig].includes(file)) project.write(file, text);
  }
  project.write('a.test.ts', "test('a', async () => { await pgCluster.pauseMaster(); });\n");
  const compiled = await typeCheck(project);
  compiled.expectExit(0);
  expect(readdirSync(project.folder)).toContain('jest.config.js');
});

/** Building first would remove what reapers of other tests run from. */
const unbuilt = ['--ignore-scripts'];

test('its pictures are what the script for them draws now', async () => {
  // The chart is drawn from the bench's figures, see unit/bench-numbers.test.ts.
  const images = [...readme.matchAll(/!\[([^\]]*)\]\(((?!\.github\/numbers\.svg)[^)]*)\)/g)];
  const project = new Project('readme');
  const draw = await runCommand('npm', ['run', 'picture', ...unbuilt, '--', project.folder], {
    cwd: repository,
    env: process.env,
  });
  draw.expectExit(0);
  const [failover, report] = images.map(([, alt = '', path = '']) => ({
    alt,
    shown: textsOf(readFileSync(join(repository, path), 'utf8')),
    drawn: textsOf(readFileSync(join(project.folder, basename(path)), 'utf8')),
  }));
  expect(images).toHaveLength(2);
  expect(failover?.drawn).toEqual(failover?.shown);
  expect(failover?.shown).toEqual(expect.arrayContaining(['pg0', 'pg1', 'pg2', 'killMaster()']));
  for (const act of ['killMaster()', 'failover()', "rejoin('pg0')"]) {
    expect(failover?.alt).toContain(act);
  }
  const inBoth = ['writer', 'reader', 'pg0', 'pg1', 'pg2', 'master', 'killed', '✕ failed'];
  expect(report?.drawn).toEqual(expect.arrayContaining(inBoth));
  expect(report?.shown).toEqual(expect.arrayContaining(inBoth));
});

/** What a picture says, but for how long things took and how many they were. */
function textsOf(svg: string): string[] {
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text = '']) =>
    text.replace(/^\d+/, 'n'),
  );
  return [...new Set(texts)].sort();
}

test('the demo plays its three acts', async () => {
  const demo = await runCommand('npm', ['run', 'demo', ...unbuilt], {
    cwd: repository,
    env: process.env,
  });
  demo.expectExit(0);
  for (const act of [
    'act 1: all servers up',
    'act 2: the master is paused',
    'act 3: the master is back',
  ]) {
    expect(demo.stderr).toContain(act);
  }
  expect(demo.stderr).toMatch(/pauseMaster\(\): \d+ ms/);
  expect(demo.stderr).toMatch(/Three servers were started, broken, mended and removed in/);
});
