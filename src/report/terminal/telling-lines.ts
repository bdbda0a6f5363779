import type { LogLine } from '../records';

/** Of one node; the page has all. */
const most = 20;

/**
 * What a server logs in the course of its work (`LOG`) says little, but for how it begins and ends,
 * becomes master, or loses somebody.
 */
const telling =
  /shutdown request|promote request|selected new timeline|terminated|terminating|database system (was|is)|interrupted|recovery (stopping|has paused|ended)|could not|invalid|waiting for|deadlock|out of/;

/** The lines of a log that say something, without those of routine, and how many these are. */
export function tellingLines(lines: readonly LogLine[]): {
  told: readonly LogLine[];
  leftOut: number;
} {
  const told = lines
    .filter(({ severity, text }) => severity !== 'LOG' || telling.test(text))
    .slice(-most);
  return { told, leftOut: lines.length - told.length };
}
