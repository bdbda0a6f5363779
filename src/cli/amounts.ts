const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** For people: `8.1 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

const msOf = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

/** For people: `16 days`, `an hour`. */
export function formatAge(ms: number): string {
  const count = (unit: number, one: string, many: string) => {
    const n = Math.floor(ms / unit);
    return n === 1 ? one : `${n} ${many}`;
  };
  if (ms >= msOf.d) return count(msOf.d, 'a day', 'days');
  if (ms >= msOf.h) return count(msOf.h, 'an hour', 'hours');
  return ms < msOf.m ? 'less than a minute' : count(msOf.m, 'a minute', 'minutes');
}

/** Reads `7d`, `12h`, `30m`, `2w`; undefined if the text is no such time. */
export function parseAge(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  return count && unit ? Number(count) * msOf[unit as keyof typeof msOf] : undefined;
}
