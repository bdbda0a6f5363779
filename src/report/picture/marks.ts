import { formatMs } from '../../base/deadline';
import type { LogLine, RecordLine } from '../records';
import { firstLine, sentence } from './bars';
import { type Item, item, type Tone } from './items';

type Of<Kind extends RecordLine['kind']> = Extract<RecordLine, { kind: Kind }>;

/** What happened at a moment, or nearly: statements, hits of traps, lines of logs. */
export function marksOf(records: readonly RecordLine[], last: number): Item[] {
  return records.flatMap((record): Item[] => {
    switch (record.kind) {
      case 'statements':
        return [statements(record, last)];
      case 'hit':
        return [hit(record)];
      case 'log':
        return record.lines.map((line) => logLine(record.node, line));
      case 'left out':
        return [leftOut(record)];
      default:
        return [];
    }
  });
}

function statements(record: Of<'statements'>, last: number): Item {
  const { count, sqlState, until, maxMs } = record;
  return item({
    sort: 'statement',
    lane: record.node,
    from: record.since,
    until: until ?? last,
    isOpen: until === null,
    tone: sqlState !== null ? 'bad' : until === null ? 'doubtful' : 'plain',
    label: count === 1 ? record.sql : `${count} × ${record.sql}`,
    detail: sentence([
      sqlState !== null && `failed with ${sqlState}`,
      until === null && 'no answer',
      maxMs !== null && count > 1 && `the slowest took ${formatMs(maxMs)}`,
      record.applicationName !== '' && `by ${record.applicationName}`,
    ]),
  });
}

function hit(record: Of<'hit'>): Item {
  return item({
    sort: 'hit',
    lane: record.node,
    from: record.at,
    tone: 'bad',
    label: `trap: the ${record.lost} of ${record.sql} is lost`,
    detail: sentence([
      record.tag !== null && `the server had finished it (${record.tag})`,
      record.applicationName !== '' && `by ${record.applicationName}`,
    ]),
  });
}

function logLine(node: string, line: LogLine): Item {
  const first = firstLine(line.text);
  const rest = line.text.trim().slice(first.length).trim();
  return item({
    sort: 'log',
    lane: node,
    from: line.at,
    tone: toneOf(line.severity),
    look: line.severity,
    label: first,
    detail: rest,
  });
}

function toneOf(severity: string): Tone {
  if (/^(ERROR|FATAL|PANIC)$/.test(severity)) return 'bad';
  return severity === 'WARNING' ? 'doubtful' : 'plain';
}

function leftOut(record: Of<'left out'>): Item {
  return item({
    sort: 'left out',
    lane: 'test',
    from: record.at,
    tone: 'doubtful',
    label: `${record.count} ${record.what} left out`,
    detail: 'more happened than is recorded',
  });
}
