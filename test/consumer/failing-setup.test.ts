import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

test('bad SQL in init: psql’s own words, with file and line', async () => {
  const project = new Project('bad-sql');
  const run = await runJest(project);
  run.expectExit(1);
  expect(run.stderr).toMatch(/2-rows\.sql:3: ERROR: {2}relation "odrers" does not exist/);
  expect(run.stderr).toContain('running template/init/0000-1-tables.sql');
  expect(run.stderr).not.toContain('\x1b');
  // Of teardown, which Jest runs after a failed setup, nothing is to be seen.
  expect(run.stderr).not.toMatch(/could not be removed|undefined|TypeError/);
  expect(project.statuses()).toEqual({});
  expect(await run.containersMade()).toBe(0);
  await expectNothingLeft(run);
});

test('bad options: every problem at once, and nothing is started', async () => {
  const project = new Project('bad-options');
  const run = await runJest(project);
  run.expectExit(1);
  expect(run.stderr).toContain('4 problems, nothing was started');
  expect(run.stderr).toContain('unknown option "slavs". Did you mean "slaves"?');
  expect(run.stderr).toContain("heal must be true or false, not 'yes'");
  expect(run.stderr).toMatch(/init names "nowhere\.sql", but there is no file or folder at \S+/);
  expect(run.stderr).toContain('synchronous is 3, but slaves is 2: no commit could ever finish');
  expect(project.statuses()).toEqual({});
  expect(await run.containersMade()).toBe(0);
});
