/** What a server has logged at once, which may be several lines. */
export interface LogEntry {
  /** In milliseconds since the epoch; undefined when the user's settings have it otherwise. */
  readonly at: number | undefined;
  readonly lines: readonly string[];
}

/** The time (`%m`, in UTC) that a line begins with unless it continues another, and the process. */
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

/** What an entry says, whenever and by whatever process it is said. */
export function textOf({ lines }: LogEntry): string {
  return lines.join('\n').replace(prefix, '');
}

/**
 * The part of a server's log that was written at or after `from` (milliseconds since the epoch).
 * Where times are missing too much is shown rather than too little.
 */
export function since(log: string, from: number): string {
  if (from <= 0) return log;
  return logEntries(log)
    .filter(({ at }) => at === undefined || at >= from)
    .flatMap(({ lines }) => lines)
    .join('\n');
}
