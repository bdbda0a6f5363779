/** Rows under headings, as wide as their words. Columns in which nothing stands are left out. */
export function grid(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = headings
    .map((heading, at) => ({ heading, cells: rows.map((row) => row[at] ?? '') }))
    .filter(({ cells }) => rows.length === 0 || cells.some((cell) => cell !== ''));
  const widths = columns.map(({ heading, cells }) =>
    Math.max(...[heading, ...cells].map(({ length }) => length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line(columns.map(({ heading }) => heading)),
    ...rows.map((_, row) => line(columns.map(({ cells }) => cells[row] ?? ''))),
  ].join('\n');
}
