import { runJest } from './harness/jest';
import { Project } from './harness/project';

/** What is printed, and when, does not depend on the engine; each has its own way to a server’s log. */
async function stderrWith(logs: string, engine: 'docker' | 'local'): Promise<string> {
  const project = new Project('logs');
  const run = await runJest(project, [], { env: { LOGS: logs, ENGINE: engine } });
  run.expectExit(1);
  expect(project.statuses()).toEqual({
    'passes, with an error that it expects': 'passed',
    'divides while a slave hangs': 'failed',
    'passes again': 'passed',
  });
  return run.stderr;
}

/** What the environment has printed of the cluster, Jest's own report of failures not counted. */
function sections(stderr: string): Record<string, string> {
  const found = stderr.matchAll(/^ {2}(timeline|log of \S+ \(\S+\)):(.*(?:\n {4}.*)*)/gm);
  return Object.fromEntries([...found].map(([, title = '', body = '']) => [title, body]));
}

test("'on-failure' prints the failed test's span: a picture, the acts, and what logs say", async () => {
  const stderr = await stderrWith('on-failure', 'docker');
  expect(stderr).toContain('“divides while a slave hangs” failed; the cluster from ');
  expect(stderr.match(/the cluster from /g)).toHaveLength(1);
  expect(sections(stderr)).toEqual({
    timeline: expect.stringMatching(/ pg1 +pause /),
    'log of pg0 (master)': expect.stringMatching(/ERROR: {2}division by zero[\s\S]*SELECT 1\/0/),
    'log of pg1 (slave)': expect.any(String),
  });
  expect(stderr).toMatch(/^ {2}picture:\n(?: {4}.*\n)* {4}pg1 .*slave.*\n.*paused/m);
  // The tests before and after it are not its span.
  expect(JSON.stringify(sections(stderr))).not.toMatch(/nowhere|elsewhere/);
});

test("'never' prints nothing", async () => {
  const stderr = await stderrWith('never', 'local');
  expect(stderr).not.toContain('the cluster from ');
  expect(sections(stderr)).toEqual({});
});

test("'always' prints everything, once, at the end of the file", async () => {
  const stderr = await stderrWith('always', 'local');
  expect(stderr.match(/the cluster from /g)).toHaveLength(1);
  const { timeline, 'log of pg0 (master)': master, 'log of pg1 (slave)': slave } = sections(stderr);
  expect(timeline).toMatch(/ pg1 +pause [\s\S]* heal /);
  expect(master).toMatch(/nowhere[\s\S]*division by zero[\s\S]*elsewhere/);
  expect(slave).toContain('started streaming WAL');
});
