import { lsnNumber } from './lsn';

/**
 * The timelines that a server's WAL has gone through, as in PostgreSQL's history files. A
 * timeline's number does not identify it: two slaves that are promoted apart both begin number 2.
 */
export interface WalHistory {
  readonly timelineId: number;
  /** The earlier timelines, the oldest first; undefined if they are not known. */
  readonly before: readonly PastTimeline[] | undefined;
  /** The first bytes of each timeline's WAL, as far as they are known; see {@link markBytes}. */
  readonly marks: ReadonlyMap<number, Buffer>;
}

interface PastTimeline {
  readonly timelineId: number;
  /** Where the next timeline begins. */
  readonly end: bigint;
}

/** A point in the history of a cluster. */
export interface WalPosition {
  readonly history: WalHistory;
  readonly lsn: bigint;
}

/** The history of a new cluster's WAL. */
export const bornHistory: WalHistory = { timelineId: 1, before: [], marks: new Map() };

/**
 * How many first bytes of a timeline's WAL tell it from another one of the same number. The first
 * record contains the time of the promotion, so its check sum differs, and it comes within so many
 * bytes, even with page headers before and inside the record.
 */
export const markBytes = 64;

/** A position after the end of any WAL. */
export const endless = 1n << 64n;

/** Reads a history file, with lines such as `1\t0/3000148\tno recovery target specified`. */
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

/** The position up to which two servers have the same WAL. */
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

/** Whether enough of a history is known to compare it with `other`. */
export function isComparable({ before, timelineId }: WalHistory, other: WalHistory): boolean {
  if (before || other.timelineId === timelineId) return true;
  return other.before?.some((past) => past.timelineId === timelineId) ?? false;
}

/** How many bytes of WAL a server has that `master` never had: 0 if it is only behind. */
export function divergedBytes(position: WalPosition, master: WalPosition): number {
  return Number(position.lsn - commonEnd(position, master));
}

interface Span extends PastTimeline {
  readonly mark: Buffer | undefined;
}

/** The timelines that lead to a position. If they are not known, those of `other` are assumed. */
function spansOf({ history, lsn }: WalPosition, other: WalPosition): Span[] {
  const { timelineId, marks } = history;
  const spans: Span[] = [];
  for (const past of history.before ?? pastOf(other.history, timelineId)) {
    // The server knows that this timeline ended, but is not there yet.
    if (past.end >= lsn) return [...spans, { ...past, end: lsn, mark: marks.get(past.timelineId) }];
    spans.push({ ...past, mark: marks.get(past.timelineId) });
  }
  return [...spans, { timelineId, end: lsn, mark: marks.get(timelineId) }];
}

/** The timelines before this one in a history; none if the history never was on it. */
function pastOf(history: WalHistory, timelineId: number): readonly PastTimeline[] {
  const before = history.before ?? [];
  const index = before.findIndex((past) => past.timelineId === timelineId);
  return history.timelineId === timelineId ? before : before.slice(0, Math.max(index, 0));
}

/** Either mark may be shorter, where the WAL ended when it was read. */
function isOther({ mark: one }: Span, { mark: other }: Span): boolean {
  if (!one || !other) return false;
  const length = Math.min(one.length, other.length);
  return one.subarray(0, length).compare(other.subarray(0, length)) !== 0;
}
