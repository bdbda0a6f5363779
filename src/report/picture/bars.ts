import type { RecordLine } from '../records';
import { type Item, item } from './items';

type Of<Kind extends RecordLine['kind']> = Extract<RecordLine, { kind: Kind }>;

/** What has a begin and an end: tests, hooks, acts, faults. */
export function barsOf(records: readonly RecordLine[], last: number): Item[] {
  return [
    ...pairs(records, 'test begins', 'test ends', ({ test }) => test).map(([begin, end]) =>
      testBar(begin, end, last),
    ),
    ...pairs(records, 'hook begins', 'hook ends', ({ hook }) => hook).map(([begin, end]) =>
      hookBar(begin, end, last),
    ),
    ...pairs(records, 'act begins', 'act ends', ({ act }) => act).map(([begin, end]) =>
      actBar(begin, end, last),
    ),
    ...pairs(records, 'fault on', 'fault off', ({ node, fault }) => `${node} ${fault}`).map(
      ([begin, end]) => faultBar(begin, end, last),
    ),
  ];
}

/** Each begin with the first end after it that has the same key, and that no other has had. */
function pairs<B extends RecordLine['kind'], E extends RecordLine['kind']>(
  records: readonly RecordLine[],
  beginKind: B,
  endKind: E,
  keyOf: (record: Of<B> | Of<E>) => unknown,
): [Of<B>, Of<E> | undefined][] {
  const found: [Of<B>, Of<E> | undefined][] = [];
  const open = new Map<unknown, [Of<B>, Of<E> | undefined]>();
  for (const record of records) {
    if (record.kind === beginKind) {
      const pair: [Of<B>, Of<E> | undefined] = [record as Of<B>, undefined];
      open.set(keyOf(record as Of<B>), pair);
      found.push(pair);
    } else if (record.kind === endKind) {
      const key = keyOf(record as Of<E>);
      const pair = open.get(key);
      if (pair) pair[1] = record as Of<E>;
      open.delete(key);
    }
  }
  return found;
}

function testBar(begin: Of<'test begins'>, end: Of<'test ends'> | undefined, last: number): Item {
  return item({
    sort: 'test',
    lane: 'test',
    from: begin.at,
    until: end?.at ?? last,
    isOpen: !end,
    tone: end ? (end.outcome === 'failed' ? 'bad' : 'good') : 'doubtful',
    label: begin.name,
    detail: sentence([
      begin.attempt > 1 && `attempt ${begin.attempt}`,
      end ? end.outcome : 'never ended',
      end?.errors[0] && firstLine(end.errors[0]),
    ]),
  });
}

function hookBar(begin: Of<'hook begins'>, end: Of<'hook ends'> | undefined, last: number): Item {
  return item({
    sort: 'hook',
    lane: 'test',
    from: begin.at,
    until: end?.at ?? last,
    isOpen: !end,
    tone: end ? (end.error === null ? 'plain' : 'bad') : 'doubtful',
    label: begin.type,
    detail: sentence([
      begin.block !== null && `of ${begin.block}`,
      end?.error && firstLine(end.error),
      !end && 'never ended',
    ]),
  });
}

function actBar(begin: Of<'act begins'>, end: Of<'act ends'> | undefined, last: number): Item {
  return item({
    sort: 'act',
    lane: 'acts',
    from: begin.at,
    until: end?.at ?? last,
    isOpen: !end,
    tone: end ? (end.outcome === 'failed' ? 'bad' : 'plain') : 'doubtful',
    label: begin.node === null ? begin.what : `${begin.what} ${begin.node}`,
    detail: sentence([
      end ? end.outcome !== 'done' && end.outcome : 'never ended',
      end?.detail,
      begin.during === null && 'outside of every test',
    ]),
  });
}

function faultBar(begin: Of<'fault on'>, end: Of<'fault off'> | undefined, last: number): Item {
  return item({
    sort: 'fault',
    lane: laneOfFault(begin.node),
    from: begin.at,
    until: end?.at ?? last,
    isOpen: !end,
    tone: 'bad',
    label: begin.fault,
    detail: end ? `ended by ${end.by}` : 'never ended',
  });
}

/** Faults of endpoints are told of `the writer`. */
function laneOfFault(node: string): string {
  return node.replace(/^the /, '');
}

export function sentence(parts: readonly (string | false | null | undefined)[]): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' · ');
}

export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
