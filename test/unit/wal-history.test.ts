import {
  commonEnd,
  divergedBytes,
  isComparable,
  parseHistory,
  type WalHistory,
} from '../../src/postgres/wal/wal-history';

const history = (text: string, timelineId: number, marks: [number, string][] = []): WalHistory => ({
  timelineId,
  before: parseHistory(text),
  marks: new Map(marks.map(([id, mark]) => [id, Buffer.from(mark)])),
});

const born = history('', 1);
const second = history('1\t0/300\tno recovery target specified\n', 2);
const third = history('1\t0/300\tno recovery target specified\n2\t0/500\twhatever\n', 3);

test.each([
  ['behind on the same timeline', born, 0x200n, born, 0x250n, 0x200n],
  ['ahead on the same timeline', born, 0x200n, born, 0x150n, 0x150n],
  ['on a timeline before, as far as it goes', born, 0x300n, second, 0x400n, 0x300n],
  ['on a timeline before, and beyond its end', born, 0x320n, second, 0x400n, 0x300n],
  ['two timelines behind', born, 0x310n, third, 0x600n, 0x300n],
  ['left one timeline ago', second, 0x520n, third, 0x600n, 0x500n],
  [
    'on another timeline of the same number',
    history('1\t0/280\tx', 2),
    0x400n,
    second,
    0x400n,
    0x280n,
  ],
  [
    'that began where this one began',
    history('1\t0/300\tx', 2, [[2, 'one']]),
    0x400n,
    history('1\t0/300\tx', 2, [[2, 'two']]),
    0x500n,
    0x300n,
  ],
  [
    'with less of the same first record',
    history('1\t0/300\tx', 2, [[2, 'on']]),
    0x400n,
    history('1\t0/300\tx', 2, [[2, 'one']]),
    0x500n,
    0x400n,
  ],
  ['on a timeline that it knows, but has nothing of', second, 0x280n, second, 0x400n, 0x280n],
  [
    'of a history that nobody has told',
    { ...second, before: undefined },
    0x520n,
    third,
    0x600n,
    0x500n,
  ],
])('two nodes share WAL up to the right point: %s', (_, one, lsn, other, otherLsn, end) => {
  const [a, b] = [
    { history: one, lsn },
    { history: other, lsn: otherLsn },
  ];
  expect(commonEnd(a, b)).toBe(end);
  expect(commonEnd(b, a)).toBe(end);
  expect(divergedBytes(a, b)).toBe(Number(lsn - end));
});

test('an unknown history can be compared on the timelines that the other one has been on', () => {
  const untold = (timelineId: number) => ({ timelineId, before: undefined, marks: new Map() });
  expect([1, 2, 3, 4].map((id) => isComparable(untold(id), third))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
