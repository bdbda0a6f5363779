import { chaptersOf } from '../../src/report/picture/chapters';
import type { Item } from '../../src/report/picture/items';
import { pictureOf, tell } from '../../src/report/picture/picture';
import { inRows } from '../../src/report/picture/rows';
import { formatBytes, formatMoment, formatTick, ticksOf } from '../../src/report/picture/scale';
import type { Recording } from '../../src/report/reading/recording';
import { failedFailover } from '../support/failed-failover';
import { killedFile, passedFile, recordingOf } from '../support/recordings';

function pictureOfFirst(recording: Recording) {
  const [chapter] = chaptersOf(recording);
  if (!chapter) throw new Error('The recording has no chapter');
  return pictureOf(tell(recording), chapter);
}

function lane(recording: Recording, name: string): readonly Item[] {
  const found = pictureOfFirst(recording).lanes.find((one) => one.name === name);
  if (!found) throw new Error(`There is no lane ${name}`);
  return found.items;
}

describe('chapters', () => {
  test('a test begins with its hooks and ends a little later than it does', () => {
    const [failed, passed] = chaptersOf(failedFailover());
    expect(failed).toMatchObject({
      key: 't1',
      outcome: 'failed',
      from: 210,
      zero: 320,
      ended: 4630,
    });
    expect(failed?.until).toBeCloseTo(4630 + 4310 * 0.03);
    expect(passed).toMatchObject({ key: 't2', outcome: 'passed', from: 4930, zero: 4930 });
  });

  test('the test that ran when the process was killed is unfinished, and ends with the recording', () => {
    const [first, second] = chaptersOf(killedFile());
    expect(first?.outcome).toBe('passed');
    expect(second).toMatchObject({ outcome: 'unfinished', ended: null, zero: 940 });
    expect(second?.until).toBeGreaterThan(3000);
  });

  test('a killed recording in which no test ran is shown as a whole', () => {
    const recording = recordingOf({}, [
      [500, { kind: 'hook begins', hook: 1, type: 'beforeAll', block: null }],
    ]);
    expect(chaptersOf(recording)).toMatchObject([{ key: 'all', outcome: 'unfinished', from: 0 }]);
  });

  test('a beforeAll that failed has a chapter of its own, a beforeEach has not', () => {
    const recording = recordingOf({}, [
      [10, { kind: 'hook begins', hook: 1, type: 'beforeAll', block: 'orders' }],
      [30, { kind: 'hook ends', hook: 1, error: 'no room' }],
      [31, { kind: 'hook begins', hook: 2, type: 'beforeEach', block: null }],
      [32, { kind: 'hook ends', hook: 2, error: 'no room' }],
      [40, { kind: 'end' }],
    ]);
    expect(chaptersOf(recording)).toMatchObject([
      { key: 'h1', name: 'beforeAll of orders', outcome: 'failed', errors: ['no room'] },
    ]);
  });
});

describe('what a picture shows', () => {
  test('tests, acts, endpoints and the ledger stand above the nodes', () => {
    const { lanes } = pictureOfFirst(failedFailover());
    expect(lanes.map(({ name }) => name)).toEqual([
      'test',
      'acts',
      'writer',
      'reader',
      'ledger 1',
      'pg0',
      'pg1',
      'pg2',
    ]);
  });

  test('nodes are in the order of their numbers, and one without a record has its lane', () => {
    const recording = recordingOf({ nodes: ['pg10', 'pg9', 'pg2'] }, [
      [1, { kind: 'test begins', test: 1, name: 'x', attempt: 1 }],
    ]);
    const names = pictureOfFirst(recording).lanes.map(({ name }) => name);
    expect(names).toEqual(['test', 'pg2', 'pg9', 'pg10']);
  });

  test('a fault is a bar from its begin to its end, and tells what ended it', () => {
    const [trap, killed] = lane(failedFailover(), 'pg0').filter(({ sort }) => sort === 'fault');
    expect(trap).toMatchObject({ label: 'waiting to cut at COMMIT', from: 1330, until: 1622 });
    expect(killed).toMatchObject({ label: 'killed', detail: 'ended by rejoin', isOpen: false });
  });

  test('a fault that nothing ended goes on to the end of the recording', () => {
    const recording = killedFile();
    const chapter = chaptersOf(recording)[1];
    const lanes = chapter ? pictureOf(tell(recording), chapter).lanes : [];
    const [paused] = lanes.flatMap(({ items }) => items.filter(({ sort }) => sort === 'fault'));
    expect(paused).toMatchObject({ label: 'paused', isOpen: true, until: 3000 });
  });

  test('two faults of one name are two bars', () => {
    const fault = { node: 'pg0', fault: 'paused' };
    const recording = recordingOf({}, [
      [1, { kind: 'test begins', test: 1, name: 'x', attempt: 1 }],
      [10, { kind: 'fault on', ...fault }],
      [20, { kind: 'fault off', ...fault, by: 'unpause' }],
      [30, { kind: 'fault on', ...fault }],
      [40, { kind: 'fault off', ...fault, by: 'heal' }],
      // Nothing that is on any more.
      [45, { kind: 'fault off', ...fault, by: 'reset' }],
      [50, { kind: 'test ends', test: 1, outcome: 'passed', errors: [] }],
    ]);
    expect(lane(recording, 'pg0')).toMatchObject([
      { from: 10, until: 20, detail: 'ended by unpause' },
      { from: 30, until: 40, detail: 'ended by heal' },
    ]);
  });

  test('a fault of the writer stands in its lane, which is no node’s', () => {
    const recording = recordingOf({}, [
      [1, { kind: 'test begins', test: 1, name: 'x', attempt: 1 }],
      [2, { kind: 'fault on', node: 'writer', fault: 'slow to follow' }],
    ]);
    expect(tell(recording).nodes).not.toContain('writer');
    expect(lane(recording, 'writer')).toMatchObject([{ label: 'slow to follow' }]);
  });

  test('what nodes were follows one another without a gap', () => {
    const roles = lane(failedFailover(), 'pg0').filter(({ sort }) => sort === 'role');
    expect(roles.map(({ label }) => label)).toEqual(['master', 'master, stopped', 'slave of pg1']);
    expect(roles[0]?.until).toBe(roles[1]?.from);
    expect(roles[1]?.until).toBe(roles[2]?.from);
  });

  test('a promotion comes from the former master; those who follow come from the new one', () => {
    const arrows = pictureOfFirst(failedFailover())
      .lanes.flatMap(({ items }) => items)
      .filter(({ fromLane }) => fromLane !== undefined)
      .map(({ sort, lane: to, fromLane, label }) => [sort, fromLane, to, label]);
    expect(arrows).toEqual([
      ['rejoin', 'pg1', 'pg0', 'rejoins'],
      ['promotion', 'pg0', 'pg1', 'promoted'],
      ['rejoin', 'pg1', 'pg2', 'follows'],
    ]);
  });

  test('a statement without an answer is doubtful and has no end', () => {
    const [open] = lane(failedFailover(), 'pg0').filter(({ isOpen }) => isOpen);
    expect(open).toMatchObject({ sort: 'statement', label: 'COMMIT', tone: 'doubtful' });
    expect(open?.detail).toContain('no answer');
  });

  test('counts of a ledger are told for the time since the last ones', () => {
    const writes = lane(failedFailover(), 'ledger 1');
    expect(writes[0]).toMatchObject({ from: 380, until: 630, tone: 'good' });
    const sum = writes.reduce((total, { counts }) => total + (counts?.unknown ?? 0), 0);
    expect(sum).toBe(4);
  });

  test('lag that was not observable stays null, and the peak is that of the window', () => {
    const curve = pictureOfFirst(failedFailover()).lanes.find(({ name }) => name === 'pg2')?.curve;
    expect(curve?.steps.some(({ bytes }) => bytes === null)).toBe(true);
    expect(curve?.maxBytes).toBeGreaterThan(0);
    expect(curve?.maxBytes).toBeLessThan(640_000);
  });

  test('a value of lag holds until the next, and no longer than the node is a slave', () => {
    const lag = (bytes: number) => ({ kind: 'lag', node: 'pg1', bytes, ms: null }) as const;
    const master = { role: 'master', upstream: null, state: 'running', timelineId: 2 } as const;
    const recording = recordingOf({}, [
      [1, { kind: 'test begins', test: 1, name: 'x', attempt: 1 }],
      [10, lag(0)],
      [50, lag(8)],
      [80, { kind: 'node', node: 'pg1', ...master }],
      [100, { kind: 'test ends', test: 1, outcome: 'passed', errors: [] }],
    ]);
    const { lanes } = pictureOfFirst(recording);
    expect(lanes.find(({ name }) => name === 'pg1')?.curve?.steps).toMatchObject([
      { from: 10, until: 50, bytes: 0 },
      { from: 50, until: 80, bytes: 8 },
    ]);
  });

  test('what happens after a test is not in its picture', () => {
    const [first] = chaptersOf(failedFailover());
    const items = pictureOfFirst(failedFailover()).lanes.flatMap((one) => one.items);
    expect(items.filter(({ from }) => from > (first?.ended ?? 0))).toEqual([]);
    expect(items.some(({ label }) => label.startsWith('heal'))).toBe(false);
  });

  test('a file in which nothing was done has no lane of acts', () => {
    const names = pictureOfFirst(passedFile()).lanes.map(({ name }) => name);
    expect(names).not.toContain('acts');
  });
});

test('spans lie in rows without overlapping, and the last row takes what has no room', () => {
  const spans = [
    { from: 0, until: 10 },
    { from: 5, until: 8 },
    { from: 9, until: 12 },
    { from: 9.5, until: 11 },
  ];
  const { rows, rowOf } = inRows(spans, (span) => span, 2);
  expect(rows).toBe(2);
  expect(spans.map((span) => rowOf.get(span))).toEqual([0, 1, 1, 1]);
});

test.each([
  [0, 4310, 0, [0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000]],
  [210, 700, 320, [220, 270, 320, 370, 420, 470, 520, 570, 620, 670]],
  [0, 0.5, 0, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5]],
])('a time axis from %d to %d around %d', (from, until, zero, ticks) => {
  const found = ticksOf(from, until, zero, 10).map((tick) => Number(tick.toFixed(6)));
  expect(found).toEqual(ticks);
});

test('moments and amounts are told in round words', () => {
  expect([0, 250, -50].map((ms) => formatTick(ms, 1000))).toEqual(['0', '250 ms', '−50 ms']);
  expect(formatTick(1500, 4000)).toBe('1.5 s');
  expect(formatMoment(-318)).toBe('−0.318 s');
  expect([0, 900, 2048, 1_650_000, 25_000_000].map(formatBytes)).toEqual([
    '0 B',
    '900 B',
    '2 kB',
    '1.6 MB',
    '24 MB',
  ]);
});
