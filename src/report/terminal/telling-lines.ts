import type { LogLine } from '../records';

/** Of one node; the page has all. */
const most = 20;

/**
 * What a server logs in the course of its work (`LOG`) says little, but for how it begins and ends,
 * becomes master, or loses somebody.
 */
const telling =
  /shutdown request|promote request|selected new timeline|terminat|database system (was|is)|recovery (stopping|has paused)|could not|still waiting|deadlock|out of/;
/** What PostgreSQL says beside a message, each on a line of its own. */
const beside = /^(DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION): /;

/** A line that says something, and how often it was logged. */
export interface TellingLine extends LogLine {
  readonly times: number;
}

/** The lines of a log that say something, and how many of the others there are. */
export function tellingLines(lines: readonly LogLine[]): {
  told: readonly TellingLine[];
  leftOut: number;
} {
  const found = new Map<string, TellingLine>();
  let count = 0;
  for (const line of lines) {
    if (line.severity === 'LOG' && !telling.test(line.text)) continue;
    count += 1;
    const text = withoutAdvice(line.text);
    const key = `${line.severity} ${text}`;
    const before = found.get(key);
    // At its first moment: a slave that looks for its master says the same again and again.
    found.set(key, { ...(before ?? line), text, times: (before?.times ?? 0) + 1 });
  }
  const told = [...found.values()].slice(-most);
  const unseen = [...found.values()].slice(0, -most).reduce((sum, { times }) => sum + times, 0);
  return { told, leftOut: lines.length - count + unseen };
}

/** Without what a library adds for a person at a prompt, on lines that begin with a tab. */
function withoutAdvice(text: string): string {
  return text
    .split('\n')
    .filter((line, index) => index === 0 || beside.test(line))
    .join('\n');
}
