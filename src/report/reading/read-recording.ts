import { type Begin, type RecordLine, recordingVersion } from '../records';
import type { Recording } from './recording';

/** What is in a file; or why it cannot be told. */
export type Read = { readonly recording: Recording } | { readonly problem: string };

/** @param text what is in the file, which may still grow */
export function readRecording(text: string): Read {
  const lines = text.split('\n');
  // A whole line ends with a line break, so nothing is after the last one.
  const rest = lines.pop() ?? '';
  const problems: string[] = [];
  if (rest !== '') problems.push('the last line was torn and is left out');
  const records = lines.map(parse);
  const [begin] = records;
  if (!isBegin(begin)) {
    return {
      problem: text === '' ? 'it is empty' : 'it does not begin as a recording does',
    };
  }
  if (begin.version !== recordingVersion) {
    return {
      problem: `it is a recording of version ${begin.version}, and this version of jest-environment-pg-cluster reads version ${recordingVersion}; make the report with the version that recorded it`,
    };
  }
  const good = records.filter((record) => record !== undefined);
  const bad = records.length - good.length;
  if (bad > 0) {
    problems.push(
      `${bad} ${bad === 1 ? 'line is no record and is' : 'lines are no records and are'} left out`,
    );
  }
  const isWhole = good.some(({ kind }) => kind === 'end');
  if (!isWhole) problems.push('it has no end: its process was killed, or still runs');
  return { recording: { begin, records: inOrder(good), isWhole, problems } };
}

function parse(line: string): RecordLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is RecordLine {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, at } = value as { readonly kind?: unknown; readonly at?: unknown };
  return typeof kind === 'string' && typeof at === 'number';
}

function isBegin(record: RecordLine | undefined): record is Begin & RecordLine {
  return record?.kind === 'begin' && typeof record.file === 'string';
}

function inOrder(records: RecordLine[]): RecordLine[] {
  return records.sort((one, other) => one.at - other.at);
}
