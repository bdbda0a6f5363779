import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { until } from '../support/until';
import { type Finished, runCommand } from './harness/command';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { pgCluster } from './harness/pg-cluster';
import { Project } from './harness/project';

/** That npx finds the program is seen in doctor.test.ts and readme.test.ts; to start takes npx longer. */
function report(project: Project, ...args: string[]): Promise<Finished> {
  return pgCluster(project, ['report', ...args]);
}

const urlOf = (project: Project, page: string) =>
  `${pathToFileURL(join(project.folder, page)).href}\n`;

test('of a run that was killed a page is made, which says that it was', async () => {
  const project = new Project('report');
  const run = await runJest(project, ['--testPathPatterns=hangs.test'], {
    whileRunning: async (jest) => {
      await until('the test to be in the middle', () => project.told().length > 0, 60_000);
      process.kill(-jest, 'SIGKILL');
    },
  });
  expect(run.exitCode).toBeNull();
  const page = 'pg-cluster-report/index.html';
  expect(existsSync(join(project.folder, page))).toBe(false);

  const made = await report(project);
  made.expectExit(0);
  expect(made.stdout).toBe(urlOf(project, page));
  expect(made.stderr).toMatch(/^hangs\.test\.js: it has no end: its process was killed/m);
  const html = readFileSync(join(project.folder, page), 'utf8');
  expect(html).toMatch(/1 killed[\s\S]*hangs in the middle[\s\S]*pause/);
  await expectNothingLeft(run);
});

test('shards that ran elsewhere come into one page', async () => {
  const project = new Project('report');
  for (const shard of [1, 2]) {
    await runJest(project, ['--testPathPatterns=(fails|failover).test', `--shard=${shard}/2`], {
      env: { EXPECTED_MASTER: 'another' },
    });
    const [from, to] = ['pg-cluster-report', `artifacts/${shard}`].map((path) =>
      join(project.folder, path),
    ) as [string, string];
    cpSync(from, to, { recursive: true });
  }
  const made = await report(project, 'artifacts/1', 'artifacts/2', '--output', 'all.html');
  made.expectExit(0);
  expect(made.stdout).toBe(urlOf(project, 'all.html'));
  const html = readFileSync(join(project.folder, 'all.html'), 'utf8');
  for (const text of ['fails.test.js', 'failover.test.js', 'the writer follows', '2 files']) {
    expect(html).toContain(text);
  }
});

test('called wrongly, it says how to call it', async () => {
  const project = new Project('report');
  const nowhere = await report(project, 'nowhere');
  nowhere.expectExit(1);
  expect(nowhere.stderr).toMatch(/there is no file or folder nowhere; give the reporter’s folder/);
  const unknown = await report(project, '--out', 'x.html');
  unknown.expectExit(2);
  expect(unknown.stderr).toMatch(/Unknown option '--out'[\s\S]*usage: pg-cluster report/);
  const help = await report(project, '--help');
  help.expectExit(0);
  expect(help.stdout).toMatch(/^usage: pg-cluster report/);
  // By its own name, which the package's is not.
  const { exitCode, stderr } = await runCommand('npx', ['--no', 'pg-cluster', 'nonsense'], {
    cwd: project.folder,
    env: process.env,
  });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/there is no command "nonsense"[\s\S]*report +makes the page/);
});
