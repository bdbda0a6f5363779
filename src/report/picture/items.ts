/** What an item is. Its lane, shape and colour follow from that. */
export type Sort =
  | 'test'
  | 'hook'
  | 'act'
  | 'fault'
  | 'role'
  | 'promotion'
  | 'rejoin'
  | 'statement'
  | 'hit'
  | 'writes'
  | 'endpoint'
  | 'log'
  | 'left out';

/** How it stands with it. */
export type Tone = 'plain' | 'good' | 'bad' | 'doubtful';

/** Something that is shown: a bar or mark in a picture, and a row in its table. */
export interface Item {
  readonly sort: Sort;
  /** The name of its lane: a node, `writer`, `reader`, `test`, `acts`, `ledger 1` … */
  readonly lane: string;
  readonly from: number;
  /** As `from` if it is but a moment; the end of the recording if it has not ended. */
  readonly until: number;
  /** It had not ended when the recording did. */
  readonly isOpen: boolean;
  readonly tone: Tone;
  /** The few words that stand beside it. */
  readonly label: string;
  /** What else there is to tell; empty if that is all. */
  readonly detail: string;
  /** The lane that an arrow comes from. */
  readonly fromLane?: string;
  /** Of the role: how its ground looks. Of a log line: its severity. */
  readonly look?: string;
  /** Of writes of a ledger, and of statements. */
  readonly counts?: Counts;
}

export interface Counts {
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
}

/** How a slave's lag went: each value holds until the next one is told. */
export interface Curve {
  readonly steps: readonly LagStep[];
  readonly maxBytes: number;
}

export interface LagStep {
  readonly from: number;
  readonly until: number;
  /** Null if it was not observable. */
  readonly bytes: number | null;
  readonly ms: number | null;
}

/** An item with what most of its kind have in common. */
export function item(about: Pick<Item, 'sort' | 'lane' | 'from' | 'label'> & Partial<Item>): Item {
  return { until: about.from, isOpen: false, tone: 'plain', detail: '', ...about };
}
