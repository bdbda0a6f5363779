/**
 * Lays spans into rows so that none overlaps another of its row, each in the first row that has
 * room; what finds none in `most` rows goes into the last one. The spans come in the order in
 * which they begin.
 */
export function inRows<T>(
  spans: readonly T[],
  extent: (span: T) => { from: number; until: number },
  most: number,
): { rows: number; rowOf: ReadonlyMap<T, number> } {
  const ends: number[] = [];
  const rowOf = new Map<T, number>();
  for (const span of spans) {
    const { from, until } = extent(span);
    const free = ends.findIndex((end) => end <= from);
    const row = free >= 0 ? free : Math.min(ends.length, most - 1);
    ends[row] = Math.max(ends[row] ?? Number.NEGATIVE_INFINITY, until);
    rowOf.set(span, row);
  }
  return { rows: ends.length, rowOf };
}
