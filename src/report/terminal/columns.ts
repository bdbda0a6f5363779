/** Moments as columns of a line. */
export class Columns {
  constructor(
    readonly from: number,
    readonly until: number,
    readonly count: number,
  ) {}

  /** The column in which a moment lies. */
  of(at: number): number {
    const part = (at - this.from) / Math.max(this.until - this.from, 1e-9);
    return Math.min(this.count - 1, Math.max(0, Math.floor(part * this.count)));
  }

  /** The moments of a column. */
  span(column: number): { from: number; until: number } {
    const each = (this.until - this.from) / this.count;
    return { from: this.from + column * each, until: this.from + (column + 1) * each };
  }
}
