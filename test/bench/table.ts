/** Seconds of each round, by what was measured. */
export type Series = Record<string, number[]>;

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summarize(series: Series): Record<string, Summary> {
  return Object.fromEntries(
    Object.entries(series).map(([name, values]) => {
      const sorted = [...values].sort((a, b) => a - b);
      const at = (index: number) => sorted[Math.min(sorted.length - 1, Math.max(0, index))] ?? 0;
      const middle = (sorted.length - 1) / 2;
      const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
      return [name, { median, min: at(0), max: at(sorted.length - 1) }];
    }),
  );
}

/** A Markdown table: medians, spread, and the ratio to the row named `base`, if one is named. */
export function formatTable(series: Series, base?: string, unit = 's'): string {
  const summaries = summarize(series);
  const baseMedian = summaries[base ?? '']?.median;
  const rows = Object.entries(summaries).map(([name, { median, min, max }]) => [
    name,
    `${median.toFixed(3)} ${unit}`,
    `${min.toFixed(3)}–${max.toFixed(3)} ${unit}`,
    baseMedian === undefined ? '' : (median / baseMedian).toFixed(2),
  ]);
  const ratio = baseMedian === undefined ? '' : 'ratio';
  const head = ['', 'median', 'spread', ratio];
  return markdownTable(head, rows);
}

export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const table = [head, head.map(() => '-'), ...rows];
  const widths = head.map((_, column) =>
    Math.max(3, ...table.map((row) => (row[column] ?? '').length)),
  );
  return table
    .map((row, index) => {
      const cells = widths.map((width, column) =>
        (row[column] ?? '').padEnd(width, index === 1 ? '-' : ' '),
      );
      return `| ${cells.join(' | ')} |`;
    })
    .join('\n');
}
