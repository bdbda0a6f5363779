import type { Counts, Item } from '../picture/items';
import { type Lane, pictureOf, tell } from '../picture/picture';
import { formatBytes, formatTick, ticksOf } from '../picture/scale';
import type { Recording } from '../reading/recording';
import { Columns } from './columns';
import { drawLane } from './lanes';
import { cut, inAscii, Line } from './line';
import { ascii, type Signs, unicode } from './signs';

export interface TerminalOptions {
  /** How many letters a line may have. */
  readonly columns: number;
  /** Only letters that every terminal has. */
  readonly ascii: boolean;
  readonly colours: boolean;
  /** Moments of the recording. */
  readonly from: number;
  readonly until: number;
}

/** Less than that shows nothing. */
const leastColumns = 40;

/**
 * What happened between two moments, in lanes of letters: tests, acts, where the endpoints led,
 * the ledger, and for each node what it was, its faults and its lag. No line is longer than the
 * options say, and none ends in white space.
 */
export function drawInTerminal(recording: Recording, options: TerminalOptions): string {
  const { from, until, colours } = options;
  const signs = options.ascii ? ascii : unicode;
  const { lanes } = pictureOf(tell(recording), { from, until, ended: until });
  const names = lanes.map(nameOf);
  const nameWidth = Math.min(14, Math.max(...names.map((name) => name.length), 4) + 2);
  const count = Math.max(leastColumns, options.columns) - nameWidth;
  const columns = new Columns(from, until, count);
  const items = lanes.flatMap((lane) => lane.items);
  const test = items.find((item) => item.sort === 'test' && item.from >= from);
  const drawn = lanes.flatMap((lane, index) => {
    return drawLane(lane, columns, signs).map(({ line, name }, row) => {
      const begin = new Line(nameWidth);
      begin.put(
        0,
        cut(row === 0 ? (names[index] ?? '') : name, nameWidth - 1, signs.more),
        'plain',
      );
      return begin.toString(false).padEnd(nameWidth) + line.toString(colours);
    });
  });
  const axis = drawAxis(columns, test?.from ?? from, signs);
  const head = ''.padEnd(nameWidth) + axis.toString(colours);
  const legend = legendOf(lanes, items, signs, nameWidth + count);
  const text = [head, ...drawn, '', ...legend].map((line) => line.trimEnd()).join('\n');
  return (options.ascii ? inAscii(text) : text).trimEnd();
}

function nameOf({ name }: Lane): string {
  return name === 'ledger 1' ? 'ledger' : name;
}

function drawAxis(columns: Columns, zero: number, signs: Signs): Line {
  const line = new Line(columns.count);
  const span = columns.until - columns.from;
  for (const at of ticksOf(columns.from, columns.until, zero, Math.floor(columns.count / 11))) {
    const words = formatTick(at - zero, span).replace('−', signs.minus);
    line.putWithin(
      columns.of(at),
      columns.of(at) + words.length + 1,
      `${signs.tick}${words}`,
      'grey',
    );
  }
  return line;
}

/** Of the signs that there are, what they mean; and what no sign can tell. */
function legendOf(
  lanes: readonly Lane[],
  items: readonly Item[],
  signs: Signs,
  columns: number,
): string[] {
  const has = (sort: Item['sort'], tone: Item['tone']) =>
    items.some((item) => item.sort === sort && item.tone === tone);
  const meanings = [
    has('statement', 'bad') && `${signs.failed} statement failed`,
    has('statement', 'doubtful') && `${signs.unknown} no answer`,
    items.some(({ sort }) => sort === 'hit') && `${signs.hit} trap hit`,
    has('log', 'bad') && `${signs.log} ERROR or worse in the log`,
    items.some(({ sort }) => sort === 'promotion') && `${signs.promoted} promoted`,
  ].filter((meaning) => meaning !== false);
  const ledgers = lanes.filter(({ kind }) => kind === 'ledger');
  const counts = ledgers.map((lane) => {
    const sum = (which: keyof Counts) =>
      lane.items.reduce((total, { counts: some }) => total + (some?.[which] ?? 0), 0);
    return `${nameOf(lane)}: ${sum('acknowledged')} acknowledged, ${sum('failed')} failed, ${sum('unknown')} unknown`;
  });
  const lags = lanes.flatMap(({ name, curve }) =>
    curve && curve.maxBytes > 0 ? `${name} ${formatBytes(curve.maxBytes)}` : [],
  );
  const most = lags.length > 0 ? [`most lag: ${lags.join(', ')}`] : [];
  return [...wrap(meanings, columns), ...counts, ...most].map((line) =>
    line.length <= columns ? line : cut(line, columns, signs.more),
  );
}

/** As many of them in each line as there is room for. */
function wrap(meanings: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const meaning of meanings) {
    const longer = `${lines.at(-1) ?? ''}   ${meaning}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(meaning);
  }
  return lines;
}
