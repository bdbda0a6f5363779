import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeStatus } from '../../src/cluster/replication/status';
import { awaited } from '../../src/prompt/awaited';
import { changesBetween } from '../../src/prompt/changes';
import { grid } from '../../src/prompt/grid';
import { LiveTable } from '../../src/prompt/live-table';
import { shown, showValue } from '../../src/prompt/shown';

test.each([
  ['pgCluster.failover()\n', 'await (pgCluster.failover()\n)'],
  ['status;\n', 'await (status\n)'],
  ['{ a: 1 }\n', 'await ({ a: 1 }\n)'],
  ['a // what it is\n', 'await (a // what it is\n)'],
])('the value of %j is awaited', (code, expected) => {
  expect(awaited(code)).toBe(expected);
});

test.each([
  'const a = await b\n',
  'for (const a of b) a.pause()\n',
  'pgCluster.failover(\n',
  'a b\n',
  '\n',
  '// nothing\n',
  'a) + (b\n',
])('%j stays as it is', (code) => {
  expect(awaited(code)).toBe(code);
});

test('a grid is as wide as its words, and leaves out what nobody needs', () => {
  const text = grid(
    ['NAME', 'LAG', 'URL'],
    [
      ['pg0', '', 'postgres://a'],
      ['writer', '', 'postgres://b'],
    ],
  );
  expect(text.split('\n')).toEqual(['NAME    URL', 'pg0     postgres://a', 'writer  postgres://b']);
});

test('values are shown as a person reads them', () => {
  const show = (value: unknown) => showValue(value, {});
  expect(show(shown('as it is'))).toBe('as it is');
  expect(
    show([
      { id: 1, name: 'two\nlines' },
      { id: 20, name: null },
    ]),
  ).toBe('id  name\n1   two⏎lines\n20  null');
  expect(show([{ id: 1 }, { other: 2 }])).toBe('[ { id: 1 }, { other: 2 } ]');
  expect(show(Object.assign(new Error('no such table'), { code: '42P01' }))).toBe(
    'Error [42P01]: no such table',
  );
  expect(show(Array.from({ length: 203 }, (_, id) => ({ id })))).toMatch(/199\n… and 3 more rows$/);
});

describe('what can be told of two looks at a cluster', () => {
  const node = (name: string, o: Partial<NodeStatus> = {}): NodeStatus => ({
    name,
    role: name === 'pg0' ? 'master' : 'slave',
    state: 'running',
    answers: true,
    lsn: null,
    receivedLsn: null,
    replayedLsn: null,
    timelineId: 1,
    streaming: name !== 'pg0',
    lagBytes: null,
    lagMs: null,
    replayPaused: null,
    syncState: null,
    problem: null,
    ...o,
  });
  const told = (before: NodeStatus[], now: NodeStatus[]) =>
    changesBetween({ master: 'pg0', nodes: before }, { master: 'pg0', nodes: now });
  const whole = [node('pg0'), node('pg1')];

  test.each<[string, NodeStatus[], string[]]>([
    ['nothing', whole, []],
    [
      'a state',
      [node('pg0'), node('pg1', { state: 'paused', answers: false })],
      ['pg1 is paused now'],
    ],
    [
      'roles',
      [node('pg0', { role: 'slave' }), node('pg1', { role: 'master', streaming: false })],
      ['pg0 is slave now', 'pg1 is master now'],
    ],
    [
      'a stream',
      [node('pg0'), node('pg1', { streaming: false })],
      ['pg1 does not stream any more'],
    ],
    [
      'no answer',
      [node('pg0'), node('pg1', { answers: false, problem: 'it hangs' })],
      ['pg1 does not answer: it hangs'],
    ],
    ['a node that went', [node('pg0')], ['pg1 is gone']],
    ['one that came', [...whole, node('pg2')], ['pg2 is there: a slave, running']],
    [
      'no stream that nobody sees',
      [node('pg0', { state: 'paused', answers: false }), node('pg1', { streaming: false })],
      ['pg0 is paused now'],
    ],
  ])('%s', (_, now, lines) => {
    expect(told(whole, now)).toEqual(lines);
  });
});

test('a table is drawn anew in its place until a key is pressed, however lines wrap', async () => {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { columns: 10 });
  const table = new LiveTable({ input, output, isTerminal: true, colours: false });
  let looks = 0;
  const last = table.show(async () => `look ${++looks}\nlonger than ten`);
  while (looks < 2) await delay(10);
  expect(table.isShown).toBe(true);
  input.emit('keypress');
  const { text } = await last;
  expect(text).toBe(`look ${looks}\nlonger than ten`);
  // A line, one that takes two, and a hint that takes two: up four from the last.
  expect(String(output.read())).toContain(
    'look 1\nlonger than ten\n(Enter ends this)\r\x1b[4A\x1b[Jlook 2',
  );
  expect(table.isShown).toBe(false);
});
