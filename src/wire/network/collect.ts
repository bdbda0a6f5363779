/** About as much as the wire may grow for what it has passed on already. */
const mostBytes = 4 * 1024 * 1024;

/** Missing unless the process was started with --expose-gc. */
const collectNow = globalThis.gc as ((o: { type: 'minor' }) => void) | undefined;
let passed = 0;

/**
 * Has what was passed on collected now and then. Node reads into 64 kB at a time, and the collector,
 * which sees small objects alone, would let some 40 MB of that pile up.
 */
export function collectAfter(bytes: number): void {
  passed += bytes;
  if (passed < mostBytes) return;
  passed = 0;
  collectNow?.({ type: 'minor' });
}
