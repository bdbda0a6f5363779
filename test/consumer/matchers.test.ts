import { runJest } from './harness/jest';
import { Project } from './harness/project';
import { typeCheck } from './harness/type-check';

test('matchers come with the preset, or by listing their module', async () => {
  const project = new Project('matchers');
  const run = await runJest(project);
  run.expectExit(0);
  expect(project.statuses()).toEqual({
    'the preset brings the matchers, beside those of the project': 'passed',
    'a ledger has lost nothing': 'passed',
    'without the preset and without globals, listing the module brings the matchers': 'passed',
  });
});

/** Uses both matchers, and in its last lines what the types have to refuse. */
const uses = [
  'async function check(ledger: Ledger) {',
  '  expect(await ledger.verify()).toHaveLostNothing();',
  '  await expect(pgCluster.status()).resolves.not.toBeStreaming();',
  '  expect(1).toHaveLostAnything();',
  '}',
  'export { check };',
];
const importLedger = "import type { Ledger } from 'jest-environment-pg-cluster';";

test.each([
  ['the global expect of @types/jest', ['jest', 'jest-environment-pg-cluster'], importLedger],
  [
    'the expect of @jest/globals, without @types/jest',
    ['jest-environment-pg-cluster'],
    `${importLedger} import { expect } from '@jest/globals';`,
  ],
  [
    'an import of the matchers’ module',
    [],
    `${importLedger} import 'jest-environment-pg-cluster/matchers'; import { expect } from '@jest/globals';`,
  ],
])('TypeScript knows them through %s', async (_, types, imports) => {
  const project = new Project('typescript');
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023'],
    module: 'node16',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types,
  };
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['matchers.ts'] }));
  project.write('matchers.ts', `${[imports, ...uses].join('\n')}\n`);
  const checked = await typeCheck(project);
  expect(checked.stdout.match(/^\S+\(\d+,\d+\): error TS\d+/gm)).toEqual([
    expect.stringMatching(/^matchers\.ts\(5,\d+\): error TS2\d+/),
  ]);
});
