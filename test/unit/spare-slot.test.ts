import type { Snapshot } from '../../src/cluster/snapshots';
import { type SpareSet, SpareSlot } from '../../src/cluster/spare-slot';

const snapshot: Snapshot = {
  id: undefined,
  members: [],
  nextIndex: 0,
  history: [],
} as unknown as Snapshot;

/** How many sets a slot asks for, if each of them is treated like this when it was taken. */
function setsMade(slot: SpareSlot, treat: (set: SpareSet, time: number) => void, times: number) {
  let made = 0;
  for (let time = 0; time < times; time += 1) {
    slot.fill(snapshot, () => {
      made += 1;
      return {
        snapshot,
        settled: Promise.resolve(),
        makeAgain: () => {},
        whole: async () => [],
        takePlace: async () => {},
        remove: async () => {},
      };
    });
    const set = slot.take(snapshot);
    if (set) treat(set, time);
  }
  return made;
}

test('no more sets are made after three in a row that could not be used', () => {
  const slot = new SpareSlot();
  slot.allow(true);
  expect(setsMade(slot, (set) => slot.giveUp(set), 10)).toBe(3);
  expect(slot.take(snapshot)).toBeUndefined();
  slot.allow(true);
  expect(setsMade(slot, (set) => slot.giveUp(set), 10)).toBe(3);
});

test('a set that takes the place of the cluster’s makes up for those before it', () => {
  const slot = new SpareSlot();
  slot.allow(true);
  const use = (set: SpareSet, time: number) => {
    if (time % 3 === 2) slot.giveBack(set, []);
    else slot.giveUp(set);
  };
  // The one that was given back is used again.
  expect(setsMade(slot, use, 12)).toBe(9);
});
