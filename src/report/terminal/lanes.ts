import type { Curve, Item } from '../picture/items';
import type { Lane } from '../picture/picture';
import { inRows } from '../picture/rows';
import type { Columns } from './columns';
import { type Colour, cut, Line, textWidth } from './line';
import type { Signs } from './signs';

interface Row {
  readonly line: Line;
  /** What stands before it; the first of a lane has the lane’s name. */
  readonly name: string;
}

/** Draws a lane in as few lines as it takes. */
export function drawLane(lane: Lane, columns: Columns, signs: Signs): Row[] {
  if (lane.kind === 'node') return drawNode(lane, columns, signs);
  return linesOf(lane, columns, signs).map((line) => ({ line, name: '' }));
}

function linesOf(lane: Lane, columns: Columns, signs: Signs): Line[] {
  switch (lane.kind) {
    case 'test':
      return drawTests(lane.items, columns, signs);
    case 'acts':
      return drawSpans(lane.items, columns, signs, 3);
    case 'endpoint':
      return drawSpans(lane.items, columns, { ...signs, begin: '' }, 1);
    default:
      return [drawLedger(lane.items, columns, signs)];
  }
}

/** The bodies of tests. Hooks are short, and told in the page. */
function drawTests(items: readonly Item[], columns: Columns, signs: Signs): Line[] {
  const tests = items.filter(({ sort }) => sort === 'test');
  const lines = drawSpans(tests, columns, signs, 2);
  for (const { tone, until } of tests.slice(-1)) {
    const sign = tone === 'bad' ? signs.failed : tone === 'good' ? signs.passed : signs.unknown;
    lines[0]?.put(columns.of(until), sign, colourOf(tone));
  }
  return lines;
}

function drawSpans(
  items: readonly Item[],
  columns: Columns,
  signs: Signs,
  most: number,
  fill = signs.lasts,
): Line[] {
  const words = (item: Item) => `${signs.begin}${item.label}`;
  const extent = (item: Item) => {
    const from = columns.of(item.from);
    const width = item.sort === 'test' ? 0 : textWidth(words(item)) + 1;
    return { from, until: Math.max(columns.of(item.until), Math.min(from + width, columns.count)) };
  };
  const { rows, rowOf } = inRows(items, extent, most);
  const lines = Array.from({ length: Math.max(1, rows) }, () => new Line(columns.count));
  items.forEach((item, index) => {
    const row = rowOf.get(item) ?? 0;
    const line = lines[row];
    const from = columns.of(item.from);
    const next = items.slice(index + 1).find((other) => rowOf.get(other) === row);
    const room = (next ? columns.of(next.from) : columns.count) - from;
    const colour = item.sort === 'fault' ? 'red' : colourOf(item.tone);
    line?.fill(from, columns.of(item.until) + 1, fill, item.sort === 'fault' ? 'red' : 'grey');
    const text = cut(words(item), item.sort === 'test' ? room - 2 : room - 1, signs.more);
    // At the right edge a name begins before its moment, rather than not at all.
    const short = next === undefined && text !== words(item) && item.sort !== 'test';
    const width = textWidth(words(item));
    if (!short) line?.put(from, text, colour);
    else if (!line?.putWithin(columns.count - width, columns.count, words(item), colour)) {
      line?.put(from, text, colour);
    }
  });
  return lines;
}

/** Where the ledger had acknowledged writes, how many; where not, what came of them. */
function drawLedger(items: readonly Item[], columns: Columns, signs: Signs): Line {
  const line = new Line(columns.count);
  const rate = ({ counts, from, until }: Item) =>
    (counts?.acknowledged ?? 0) / Math.max(1, until - from);
  const most = Math.max(...items.map(rate), 1e-9);
  for (const item of items) {
    const { counts, from, until } = item;
    const [first, last] = [columns.of(from), columns.of(until)];
    const all = counts?.acknowledged ?? 0;
    if (all > 0) line.fill(first, last, level(rate(item) / most, signs), 'green');
    else if ((counts?.failed ?? 0) > 0) line.fill(first, last, signs.failed, 'red');
    if ((counts?.unknown ?? 0) > 0) line.put(first, signs.unknown, 'yellow');
  }
  return line;
}

/** What it was, with marks of what went wrong; below that its faults and its lag. */
function drawNode(lane: Lane, columns: Columns, signs: Signs): Row[] {
  const line = new Line(columns.count);
  const of = (...sorts: string[]) => lane.items.filter(({ sort }) => sorts.includes(sort));
  const roles = of('role');
  for (const role of roles) {
    const [char, colour] = groundOf(role, signs);
    line.fill(columns.of(role.from), columns.of(role.until) + 1, char, colour);
  }
  for (const item of lane.items) {
    const mark = markOf(item, signs);
    if (mark) line.put(columns.of(item.from), ...mark);
  }
  for (const role of roles) {
    const from = columns.of(role.from) + 1;
    const words = ` ${role.label} `;
    line.putWithin(from, columns.of(role.until), words, groundOf(role, signs)[1]);
  }
  const faults = of('fault');
  const below = faults.length > 0 ? drawSpans(faults, columns, bare(signs), 4, signs.fault) : [];
  const rows = [line, ...below].map((one) => ({ line: one, name: '' }));
  if (!lane.curve || lane.curve.maxBytes === 0) return rows;
  return [...rows, { line: drawLag(lane.curve, columns, signs), name: ' lag' }];
}

/** A fault’s own ground shows where it begins. */
function bare(signs: Signs): Signs {
  return { ...signs, begin: signs.fault };
}

function groundOf(role: Item, signs: Signs): [string, Colour] {
  if (role.look === 'stopped') return [signs.stopped, 'grey'];
  if (role.look === 'paused') return [signs.paused, 'yellow'];
  return role.label.startsWith('master') ? [signs.master, 'blue'] : [signs.slave, 'grey'];
}

function markOf({ sort, tone }: Item, signs: Signs): [string, Colour] | undefined {
  if (sort === 'hit') return [signs.hit, 'red'];
  if (sort === 'promotion') return [signs.promoted, 'green'];
  if (sort === 'log' && tone === 'bad') return [signs.log, 'red'];
  if (sort === 'statement' && tone === 'bad') return [signs.failed, 'red'];
  return sort === 'statement' && tone === 'doubtful' ? [signs.unknown, 'yellow'] : undefined;
}

/** The most of each column; where nothing was observable a dot. */
function drawLag(curve: Curve, columns: Columns, signs: Signs): Line {
  const line = new Line(columns.count);
  for (const { from, until, bytes } of curve.steps) {
    const [first, last] = [columns.of(from), Math.max(columns.of(until), columns.of(from) + 1)];
    if (bytes === null) line.fill(first, last, signs.unseen, 'grey');
    else if (bytes > 0) line.fill(first, last, level(bytes / curve.maxBytes, signs), 'cyan');
  }
  return line;
}

function level(part: number, { levels }: Signs): string {
  const index = Math.min(levels.length - 1, Math.floor(part * levels.length));
  return levels[index] ?? '';
}

function colourOf(tone: Item['tone']): Colour {
  return ({ plain: 'plain', good: 'green', bad: 'red', doubtful: 'yellow' } as const)[tone];
}
