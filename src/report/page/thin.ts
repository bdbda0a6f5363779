import type { Item, Sort } from '../picture/items';

/** What a picture shows of all there is, and what it left out, in words. */
export interface Thinned {
  readonly items: readonly Item[];
  readonly leftOut: readonly string[];
}

/** The `most` weightiest of the items, in their order. */
export function thin(items: readonly Item[], most: number): Thinned {
  if (items.length <= most) return { items, leftOut: [] };
  const byWeight = [...items].sort((a, b) => weight(b) - weight(a));
  const kept = new Set(byWeight.slice(0, most));
  const counts = new Map<Sort, number>();
  for (const item of items) {
    if (!kept.has(item)) counts.set(item.sort, (counts.get(item.sort) ?? 0) + 1);
  }
  return {
    items: items.filter((item) => kept.has(item)),
    leftOut: [...counts].map(([sort, count]) => `${count} ${plurals[sort] ?? `${sort}s`}`),
  };
}

const plurals: Readonly<Partial<Record<Sort, string>>> = {
  log: 'log lines',
  writes: 'counts of the ledger',
  hit: 'hits of traps',
  role: 'changes of roles',
};

/** What went wrong weighs more than what went well; the story more than its many small parts. */
function weight({ sort, tone }: Item): number {
  const ofTone = { bad: 3, doubtful: 2, good: 1, plain: 0 }[tone];
  const ofSort = sort === 'statement' ? 0 : sort === 'log' ? 1 : sort === 'writes' ? 20 : 30;
  return ofSort + ofTone * 4;
}
