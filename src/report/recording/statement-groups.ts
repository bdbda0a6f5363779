import type { QueryRecord } from '../../wire/requests';
import type { Moment, Statements } from '../records';

/** Of so many in one look each is told, unless neighbours are alike. */
const fewEnough = 25;

/** A statement with its moments. */
export interface Ran extends Pick<QueryRecord, 'applicationName' | 'sqlState' | 'durationMs'> {
  /** What is kept of its text. */
  readonly sql: string;
  readonly since: Moment;
}

/**
 * Puts together statements that are alike: neighbours, or all of them if there are many. A group
 * keeps how many they were, and the time of the slowest.
 */
export function groupsOf(node: string, ran: readonly Ran[]): Statements[] {
  const isMany = ran.length > fewEnough;
  const groups: { key: string; members: Ran[] }[] = [];
  for (const one of ran) {
    // What has not ended is told by itself.
    const isOpen = one.durationMs === null && one.sqlState === null;
    const key = JSON.stringify([one.sql, one.applicationName, one.sqlState, isOpen]);
    const group = isMany ? groups.find((other) => other.key === key) : groups.at(-1);
    if (group?.key === key) group.members.push(one);
    else groups.push({ key, members: [one] });
  }
  return groups.flatMap(({ members }) => {
    const [first] = members;
    return first ? [groupOf(node, first, members)] : [];
  });
}

function groupOf(
  node: string,
  { sql, applicationName, sqlState }: Ran,
  members: Ran[],
): Statements {
  const ends = members.map(({ since, durationMs }) =>
    durationMs === null ? null : since + durationMs,
  );
  const durations = members.flatMap(({ durationMs }) => durationMs ?? []);
  return {
    kind: 'statements',
    node,
    since: members.reduce((least, { since }) => Math.min(least, since), Number.POSITIVE_INFINITY),
    until: ends.some((end) => end === null)
      ? null
      : ends.reduce<number>((most, end) => Math.max(most, end ?? 0), 0),
    count: members.length,
    sql,
    applicationName,
    sqlState,
    maxMs: durations.length === 0 ? null : durations.reduce((most, ms) => Math.max(most, ms)),
  };
}
