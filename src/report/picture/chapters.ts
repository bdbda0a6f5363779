import type { Recording } from '../reading/recording';
import type { RecordLine } from '../records';

/** A part of a recording that has a picture of its own: an attempt at a test, mostly. */
export interface Chapter {
  /** Names it within its recording. */
  readonly key: string;
  readonly name: string;
  /** `unfinished`: its process was killed meanwhile. */
  readonly outcome: 'passed' | 'failed' | 'unfinished';
  readonly attempt: number;
  readonly errors: readonly string[];
  /** When its body began: the moment that its picture counts from. */
  readonly zero: number;
  /** When it ended; null if it never did. */
  readonly ended: number | null;
  /** What is shown of the recording. */
  readonly from: number;
  readonly until: number;
}

/** How much of what follows a test is shown, as a part of what the test took. */
const margin = 0.03;

/** The tests of a recording, in the order in which they began, and what failed outside of them. */
export function chaptersOf(recording: Recording): readonly Chapter[] {
  const last = lastMoment(recording.records);
  const chapters = [...testsOf(recording.records, last), ...hooksOf(recording.records)];
  const isOpen = chapters.some(({ outcome }) => outcome === 'unfinished');
  if (!recording.isWhole && !isOpen) chapters.push(restOf(last));
  return chapters.sort((a, b) => a.zero - b.zero);
}

/** Log lines tell of earlier moments than their own, statements too. */
export function lastMoment(records: readonly RecordLine[]): number {
  return records.reduce((last, { at }) => Math.max(last, at), 0);
}

function testsOf(records: readonly RecordLine[], last: number): Chapter[] {
  return records.flatMap((record) => {
    if (record.kind !== 'test begins') return [];
    const end = records.find((other) => other.kind === 'test ends' && other.test === record.test);
    const ended = end?.kind === 'test ends' ? end : null;
    const until = ended?.at ?? last;
    return {
      key: `t${record.test}`,
      name: record.name,
      outcome: ended?.outcome ?? 'unfinished',
      attempt: record.attempt,
      errors: ended?.errors ?? [],
      zero: record.at,
      ended: ended?.at ?? null,
      from: beginOfHooksBefore(records, record.at),
      until: until + Math.max(1, (until - record.at) * margin),
    };
  });
}

/** A test's beforeEach, and a beforeAll right before it, belong to its picture. */
function beginOfHooksBefore(records: readonly RecordLine[], zero: number): number {
  let from = zero;
  for (const { kind, at } of [...records].reverse()) {
    if (at > zero || kind === 'test begins') continue;
    if (kind === 'test ends') break;
    if (kind === 'hook begins') from = at;
  }
  return from;
}

/** A hook that fails outside of every test has nobody else who would show it. */
function hooksOf(records: readonly RecordLine[]): Chapter[] {
  return records.flatMap((end) => {
    if (end.kind !== 'hook ends' || end.error === null) return [];
    const begin = records.find(({ kind, ...rest }) => {
      return kind === 'hook begins' && 'hook' in rest && rest.hook === end.hook;
    });
    if (begin?.kind !== 'hook begins') return [];
    if (begin.type === 'beforeEach' || begin.type === 'afterEach') return [];
    return {
      key: `h${end.hook}`,
      name: begin.block === null ? begin.type : `${begin.type} of ${begin.block}`,
      outcome: 'failed' as const,
      attempt: 1,
      errors: [end.error],
      zero: begin.at,
      ended: end.at,
      from: begin.at,
      until: end.at + Math.max(1, (end.at - begin.at) * margin),
    };
  });
}

function restOf(last: number): Chapter {
  return {
    key: 'all',
    name: 'Outside of every test',
    outcome: 'unfinished',
    attempt: 1,
    errors: [],
    zero: 0,
    ended: null,
    from: 0,
    until: Math.max(1, last * (1 + margin)),
  };
}
