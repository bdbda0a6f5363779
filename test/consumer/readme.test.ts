import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { runCommand } from './harness/command';
import { installation } from './harness/installation';
import { runJest } from './harness/jest';
import { Project } from './harness/project';

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

/** What runs each command of the README. */
const commands: Record<string, string> = {
  'npm ci && npm run demo': 'the test of the demo below',
  'npm ci && npm test': '.ci/run, which runs this',
  'npm install --save-dev jest jest-environment-pg-cluster pg': 'the installation for these tests',
  'npx jest': 'the test of the snippets below',
  'docker images --filter label=jest-environment-pg-cluster.template':
    'the test of the label below',
};

test('every command of the README is run by something', () => {
  const shell = snippets.filter(({ language }) => language === 'sh');
  expect(shell.map(({ text }) => text.trim()).sort()).toEqual(Object.keys(commands).sort());
});

test.each([
  ['in Docker', {}],
  ['as local processes', { DOCKER_HOST: 'unix:///nonexistent.sock' }],
])('the files of the README are a project whose tests pass %s', async (_, env) => {
  const files = snippets.filter(({ language }) => language !== 'sh');
  expect(files.map(({ file }) => file)).not.toContain('');
  const project = new Project('readme');
  for (const { file, text } of files) project.write(file, text);

  const run = await runJest(project, [], { env });
  run.expectExit(0);
  const tests = files.flatMap(({ text }) =>
    [...text.matchAll(/^test\('(.*)',/gm)].map((m) => m[1]),
  );
  expect(Object.keys(project.statuses()).sort()).toEqual(tests.sort());
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
  const filters = { label: ['jest-environment-pg-cluster.template'] };
  expect((await new Docker().listImages({ filters })).length).toBeGreaterThan(0);
});

test('its tsconfig.json compiles a test that uses the globals', async () => {
  const config = snippets.find(({ file }) => file === 'tsconfig.json');
  const project = new Project('readme');
  project.write('tsconfig.json', config?.text ?? '');
  project.write('a.test.ts', "test('a', async () => { await pgCluster.pauseMaster(); });\n");
  const tsc = join(installation(), 'node_modules', 'typescript', 'bin', 'tsc');
  const compiled = await runCommand(process.execPath, [tsc, '--noEmit', '-p', '.'], {
    cwd: project.folder,
    env: process.env,
  });
  compiled.expectExit(0);
});

test('the demo plays its three acts', async () => {
  const demo = await runCommand('npm', ['run', 'demo'], { cwd: repository, env: process.env });
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
