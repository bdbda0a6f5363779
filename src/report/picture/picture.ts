import type { Recording } from '../reading/recording';
import { barsOf } from './bars';
import { type Chapter, lastMoment } from './chapters';
import type { Curve, Item } from './items';
import { ledgerItems } from './ledgers';
import { marksOf } from './marks';
import { curveOf, curvesOf, endpointItems, nodeItems } from './nodes';

/** What a recording shows between two moments, in lanes. It knows nothing of pixels or letters. */
export interface Picture {
  readonly from: number;
  readonly until: number;
  readonly lanes: readonly Lane[];
}

export interface Lane {
  readonly name: string;
  readonly kind: 'test' | 'acts' | 'endpoint' | 'ledger' | 'node';
  /** In the order in which they began. */
  readonly items: readonly Item[];
  readonly curve: Curve | null;
}

/** All that a recording tells, whatever the window. */
export interface Told {
  readonly items: readonly Item[];
  readonly curves: ReadonlyMap<string, Curve>;
  readonly nodes: readonly string[];
}

export function tell(recording: Recording): Told {
  const { records } = recording;
  const last = lastMoment(records);
  const items = [
    ...barsOf(records, last),
    ...nodeItems(records, last),
    ...endpointItems(records, last),
    ...ledgerItems(records),
    ...marksOf(records, last),
  ].sort((a, b) => a.from - b.from);
  const nodes = new Set([
    ...recording.begin.nodes,
    ...records.flatMap((record) => ('node' in record && isNode(record.node) ? record.node : [])),
  ]);
  return { items, curves: curvesOf(records, last), nodes: [...nodes].sort(byNumber) };
}

/** Endpoints have faults and acts too. */
function isNode(node: string | null): node is string {
  return node !== null && !/^(the )?(writer|reader)$/.test(node);
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** What there is to see of `told` between two moments. */
export function pictureOf(
  told: Told,
  { from, until, ended }: Pick<Chapter, 'from' | 'until' | 'ended'>,
): Picture {
  // What follows belongs to others, though a little of it would be within the margin.
  const latest = ended ?? until;
  const seen = told.items
    .filter((item) => item.from <= latest && item.until >= from)
    // What ended right at the begin has nothing to show.
    .filter((item) => item.until > from || item.from >= from);
  const lanes = kindsOf(seen, told.nodes).map(([kind, name]): Lane => {
    const curve = told.curves.get(name);
    return {
      name,
      kind,
      items: seen.filter(({ lane }) => lane === name),
      curve: curve && kind === 'node' ? part(curve, from, until) : null,
    };
  });
  return { from, until, lanes };
}

function kindsOf(seen: readonly Item[], nodes: readonly string[]): [Lane['kind'], string][] {
  const ledgers = new Set(seen.filter(({ sort }) => sort === 'writes').map(({ lane }) => lane));
  const all: [Lane['kind'], string][] = [
    ['test', 'test'],
    ['acts', 'acts'],
    ['endpoint', 'writer'],
    ['endpoint', 'reader'],
    ...[...ledgers].sort(byNumber).map((name): [Lane['kind'], string] => ['ledger', name]),
  ];
  const used = all.filter(([, name]) => seen.some(({ lane }) => lane === name));
  // A node that does nothing is told too: its lane is that of a quiet server.
  return [...used, ...nodes.map((name): [Lane['kind'], string] => ['node', name])];
}

function part({ steps }: Curve, from: number, until: number): Curve | null {
  const seen = steps.filter((step) => step.from <= until && step.until >= from);
  return seen.length === 0 ? null : curveOf(seen);
}
