import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (o: { type: 'minor' }) => void;

/** About as much as the wire may grow for what it has passed on already. */
const mostBytes = 4 * 1024 * 1024;

let collect: Collect | undefined;
let passed = 0;

/**
 * Has what was passed on collected now and then. Node reads into 64 kB at a time, and the collector,
 * which sees small objects alone, would let some 40 MB of that pile up.
 */
export function collectAfter(bytes: number): void {
  passed += bytes;
  if (passed < mostBytes) return;
  passed = 0;
  collect ??= collector();
  collect({ type: 'minor' });
}

/** Without a flag at the process's start: see small-heap.ts. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
