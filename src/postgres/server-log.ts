/** One message in a server's log, which may have several lines. */
export interface LogEntry {
  /** Milliseconds since the epoch; undefined if the user's settings give lines another prefix. */
  readonly at: number | undefined;
  readonly lines: readonly string[];
}

/** The time (`%m`, in UTC) and the process, with which each line begins that continues no other. */
const prefix = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) UTC (\[\d+\] )?/;

export function logEntries(log: string): LogEntry[] {
  const entries: { at: number | undefined; lines: string[] }[] = [];
  for (const line of log.split('\n')) {
    const [, date, time] = prefix.exec(line) ?? [];
    const last = entries.at(-1);
    if (last && date === undefined) last.lines.push(line);
    else entries.push({ at: date ? Date.parse(`${date}T${time}Z`) : undefined, lines: [line] });
  }
  return entries;
}

/** The text of an entry, without its time and process. */
export function textOf({ lines }: LogEntry): string {
  return lines.join('\n').replace(prefix, '');
}

/**
 * The part of a server's log that was written at or after `from` (milliseconds since the epoch).
 * Entries without a time are part of it: too much is better than too little.
 */
export function since(log: string, from: number): string {
  if (from <= 0) return log;
  return logEntries(log)
    .filter(({ at }) => at === undefined || at >= from)
    .flatMap(({ lines }) => lines)
    .join('\n');
}
