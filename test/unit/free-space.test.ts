import { freemem } from 'node:os';
import { availableMemory } from '../../src/base/machine/available-memory';
import { roomIn, shareOf } from '../../src/engine/local/system/free-space';

const gigabyte = 1024 ** 3;
const ordinary = 0.75 * gigabyte;

test.each([
  ['half of plenty is shared out', 48, 3, 2, 4 * gigabyte],
  ['an ordinary test has enough, however many workers there are', 8, 3, 8, ordinary],
  ['where there is little, a cluster leaves a fifth', 1.5, 3, 8, 0.4 * gigabyte],
])('%s', (_, free, nodes, workers, expected) => {
  expect(shareOf(free * gigabyte, nodes, workers)).toBeCloseTo(expected, -3);
});

test('the room in memory is no larger than the memory that is left', () => {
  expect(availableMemory()).toBeGreaterThan(0);
  // Both change from moment to moment.
  if (process.platform === 'linux') {
    expect(roomIn('/dev/shm')).toBeLessThan(1.1 * Math.max(availableMemory(), freemem()));
  }
});
