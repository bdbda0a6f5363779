/**
 * Moments as parts of a plot's width. They are drawn in percent, so that a picture is as wide as
 * its window, and that it can be zoomed by making the plot wider: letters and marks keep their size.
 */
export class TimeScale {
  constructor(
    readonly from: number,
    readonly until: number,
  ) {}

  /** 0 at the left, 1 at the right; what is outside is at the edge. */
  part(at: number): number {
    const part = (at - this.from) / Math.max(this.until - this.from, 1e-9);
    return Math.min(1, Math.max(0, part));
  }

  x(at: number): string {
    return percent(this.part(at));
  }

  width(from: number, until: number): string {
    return percent(this.part(until) - this.part(from));
  }
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(3))}%`;
}
