import { neededWal } from '../../src/engine/local/data/needed-wal';

const label = `START WAL LOCATION: 0/2000028 (file 000000020000000000000020)
CHECKPOINT LOCATION: 0/2000060
BACKUP METHOD: streamed
START TIMELINE: 2
`;
const there = [
  ...['000000010000000000000019', '00000001000000000000001F', '000000020000000000000020'],
  ...['000000020000000000000021', '000000020000000000000022', '00000002.history'],
  ...['000000020000000000000020.00000028.backup', 'archive_status', 'summaries'],
];
const last = '000000020000000000000021';

test('from where the copy began to what the server writes, and histories', () => {
  expect(neededWal(there, { label, first: undefined, last })).toEqual([
    ...['000000020000000000000020', '000000020000000000000021', '00000002.history'],
  ]);
});

test('from what slots keep, if that is before, on whatever timeline', () => {
  const first = '00000002000000000000001F';
  expect(neededWal(there, { label, first, last })).toEqual([
    ...['00000001000000000000001F', '000000020000000000000020', '000000020000000000000021'],
    '00000002.history',
  ]);
  expect(neededWal(there, { label, first: last, last })).toHaveLength(3);
});
