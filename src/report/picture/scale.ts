/** Moments at which a time axis has its marks: at most `most`, at round distances from `zero`. */
export function ticksOf(from: number, until: number, zero: number, most: number): number[] {
  const step = stepOf(until - from, most);
  const first = Math.ceil((from - zero) / step);
  const last = Math.floor((until - zero) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => zero + (first + i) * step);
}

/** The smallest of 1, 2, 5, 10, 20 … ms that divides `span` into at most `most` parts. */
function stepOf(span: number, most: number): number {
  const rough = Math.max(span / most, 1e-3);
  const power = 10 ** Math.floor(Math.log10(rough));
  return (([1, 2, 5, 10] as const).find((part) => part * power >= rough * 0.999) ?? 10) * power;
}

/** A moment as it stands at the axis, in one unit for all: `250 ms`, `1.5 s`, `−0.2 s`. */
export function formatTick(ms: number, span: number): string {
  if (Math.abs(ms) < 1e-6) return '0';
  const sign = ms < 0 ? '−' : '';
  const size = Math.abs(ms);
  if (span < 2000) return `${sign}${short(size, 2)} ms`;
  return `${sign}${short(size / 1000, 2)} s`;
}

/** A moment in words and tables: to the millisecond. */
export function formatMoment(ms: number): string {
  const sign = ms < 0 ? '−' : '';
  return `${sign}${(Math.abs(ms) / 1000).toFixed(3)} s`;
}

/** Amounts of WAL, in powers of 1024 as PostgreSQL has them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${short(size, size < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`;
}

function short(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
