/**
 * The part of a server's log that was written at or after `from` (milliseconds since the epoch).
 * Lines begin with a time (`%m`, in UTC) unless they continue another, or the user's settings have
 * it otherwise: then too much is shown rather than too little.
 */
export function since(log: string, from: number): string {
  if (from <= 0) return log;
  let isNew = true;
  return log
    .split('\n')
    .filter((line) => {
      const [, date, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) UTC /.exec(line) ?? [];
      if (date) isNew = Date.parse(`${date}T${time}Z`) >= from;
      return isNew;
    })
    .join('\n');
}
