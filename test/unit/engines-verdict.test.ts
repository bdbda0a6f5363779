import type { Cannot } from '../engine/others/cannot';
import { type JestResults, verdictOn } from '../engine/others/verdict';

const known: Cannot = {
  engines: ['podman'],
  file: 'integration/a.test.ts',
  test: 'a hangs',
  cgroup: '1',
  ...{ happens: '', seenOn: '', why: '', instead: '' },
};
const results = (tests: Record<string, string>): JestResults => ({
  testResults: [
    {
      ...{ name: '/project/integration/a.test.ts', status: 'failed', message: 'cannot be loaded' },
      assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
    },
  ],
});
const verdict = (tests: Record<string, string>, cgroup = '1') =>
  verdictOn({ name: 'podman', cgroup }, results(tests), '/project', [known]);

test('what is known not to work may fail, and nothing else', () => {
  expect(verdict({ 'a hangs': 'failed', 'a starts': 'passed', 'a ends': 'failed' })).toEqual({
    passed: 1,
    known: ['integration/a.test.ts: a hangs'],
    failed: ['integration/a.test.ts: a ends'],
    works: [],
  });
});

test('what is known not to work, and does, is told', () => {
  expect(verdict({ 'a hangs': 'passed' })).toMatchObject({
    passed: 0,
    works: ['integration/a.test.ts: a hangs'],
  });
});

test('with other cgroups it has to work', () => {
  expect(verdict({ 'a hangs': 'failed' }, '2')).toMatchObject({
    known: [],
    failed: ['integration/a.test.ts: a hangs'],
  });
});

test('a file that could not be run has failed', () => {
  expect(verdict({}).failed).toEqual(['integration/a.test.ts: cannot be loaded']);
});
