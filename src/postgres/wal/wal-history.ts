import { lsnNumber } from './lsn';

/**
 * Which timelines WAL has gone through, as PostgreSQL's history files tell it. A timeline's number
 * does not say whose it is: two slaves that do not know of each other both begin number 2.
 */
export interface WalHistory {
  readonly timelineId: number;
  /** The timelines before, the oldest first; undefined if nobody has told. */
  readonly before: readonly PastTimeline[] | undefined;
  /** For each timeline, the first bytes of its WAL, as far as they are known; see `markBytes`. */
  readonly marks: ReadonlyMap<number, Buffer>;
}

interface PastTimeline {
  readonly timelineId: number;
  /** Where the next one begins. */
  readonly end: bigint;
}

/** A point in the history of a cluster. */
export interface WalPosition {
  readonly history: WalHistory;
  readonly lsn: bigint;
}

/** That of a newborn cluster's WAL. */
export const bornHistory: WalHistory = { timelineId: 1, before: [], marks: new Map() };

/**
 * So much of a timeline's WAL tells it from another one of the same number: its first record has
 * the time of the promotion in it, so it has a check sum of its own. With page headers before it
 * and inside of it, that comes within so many bytes.
 */
export const markBytes = 64;

/** After the end of any WAL. */
export const endless = 1n << 64n;

/** What a history file tells: `1\t0/3000148\tno recovery target specified`. */
export function parseHistory(text: string): PastTimeline[] {
  return text.split('\n').flatMap((line) => {
    const [, timelineId, end] = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/.exec(line) ?? [];
    return timelineId && end ? [{ timelineId: Number(timelineId), end: lsnNumber(end) }] : [];
  });
}

/** Where the last timeline of a history begins. */
export function beginOf({ before }: WalHistory): bigint {
  return before?.at(-1)?.end ?? 0n;
}

/** How far two servers have the same WAL. */
export function commonEnd(one: WalPosition, other: WalPosition): bigint {
  const [first, second] = [spansOf(one, other), spansOf(other, one)];
  let common = 0n;
  for (const [index, span] of first.entries()) {
    const its = second[index];
    if (!its || its.timelineId !== span.timelineId || isOther(span, its)) return common;
    common = span.end < its.end ? span.end : its.end;
    if (span.end !== its.end) return common;
  }
  return common;
}

/** Whether a history is known well enough to compare it with `other`. */
export function isComparable({ before, timelineId }: WalHistory, other: WalHistory): boolean {
  if (before || other.timelineId === timelineId) return true;
  return other.before?.some((past) => past.timelineId === timelineId) ?? false;
}

/** Bytes of WAL that a server at `position` has and `master` never had: 0 if it only is behind. */
export function divergedBytes(position: WalPosition, master: WalPosition): number {
  return Number(position.lsn - commonEnd(position, master));
}

interface Span extends PastTimeline {
  readonly mark: Buffer | undefined;
}

/** The timelines that lead to a position. If nobody knows them, those of `other` are taken. */
function spansOf({ history, lsn }: WalPosition, other: WalPosition): Span[] {
  const { timelineId, marks } = history;
  const spans: Span[] = [];
  for (const past of history.before ?? pastOf(other.history, timelineId)) {
    // A timeline that it knows of, and has nothing of yet.
    if (past.end >= lsn) return [...spans, { ...past, end: lsn, mark: marks.get(past.timelineId) }];
    spans.push({ ...past, mark: marks.get(past.timelineId) });
  }
  return [...spans, { timelineId, end: lsn, mark: marks.get(timelineId) }];
}

/** None, if it has never been on that timeline. */
function pastOf(history: WalHistory, timelineId: number): readonly PastTimeline[] {
  const before = history.before ?? [];
  const index = before.findIndex((past) => past.timelineId === timelineId);
  return history.timelineId === timelineId ? before : before.slice(0, Math.max(index, 0));
}

/** Both may be cut short where their WAL ended when they were read. */
function isOther({ mark: one }: Span, { mark: other }: Span): boolean {
  if (!one || !other) return false;
  const length = Math.min(one.length, other.length);
  return one.subarray(0, length).compare(other.subarray(0, length)) !== 0;
}
