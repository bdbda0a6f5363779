import { Project } from './harness/project';
import { typeCheck } from './harness/type-check';

test('strict TypeScript knows the globals, the handle, the options and the errors', async () => {
  const checked = await typeCheck(new Project('typescript'));
  checked.expectExit(0);
});

test('it rejects each wrong line', async () => {
  const project = new Project('typescript');
  const wrong = [
    'pgCluster.pauseMastr();',
    'PG_MASTER_URL.toFixed();',
    "pgCluster.master.role = 'slave';",
    'pgCluster.waitForCatchup(1000);',
    "const options: import('jest-environment-pg-cluster').PgClusterOptions = { slavs: 1 };",
  ];
  project.write('wrong.ts', `${wrong.join('\n')}\nexport { options };\n`);
  const checked = await typeCheck(project);
  expect(checked.exitCode).not.toBe(0);
  const refused = checked.stdout.match(/^\S+\(\d+/gm);
  expect(refused).toEqual(wrong.map((_, index) => `wrong.ts(${index + 1}`));
});
