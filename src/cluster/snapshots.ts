import type { Engine } from '../engine/engine';
import type { NodeSnapshot } from '../engine/engine-node';
import type { WalHistory } from '../postgres/wal/wal-history';
import type { Node } from './node/node';

/** A state that the whole cluster can be restored to: as it was born, or as a test has kept it. */
export interface Snapshot {
  /** Names the data that were kept; undefined: those that clusters are born with. */
  readonly id: string | undefined;
  readonly members: readonly Member[];
  /** The index of the next node that is added. */
  readonly nextIndex: number;
  /** The history of the master's WAL. */
  readonly history: WalHistory;
}

/** What one node is in a snapshot. */
interface Member {
  readonly node: Node;
  /** Undefined: it is the master. */
  readonly upstream: Node | undefined;
  /** What its server is restored to, by where the servers of that engine meet each other. */
  readonly snapshot: (engine: Engine) => NodeSnapshot;
}

/** The snapshots that tests have taken, by their names. */
export class Snapshots {
  readonly #named = new Map<string, Snapshot>();
  /** Kept even if another snapshot has taken the name. */
  readonly #kept = new Set<Snapshot>();
  readonly #drop: (id: string) => void;
  #onTaken: (snapshot: Snapshot) => void = () => {};

  /** @param drop is called with the id of data that nobody needs any more */
  constructor(drop: (id: string) => void) {
    this.#drop = drop;
  }

  /** Calls `listener` for each snapshot that is taken. */
  whenTaken(listener: (snapshot: Snapshot) => void): void {
    this.#onTaken = listener;
  }

  get names(): readonly string[] {
    return [...this.#named.keys()];
  }

  get(name: string): Snapshot | undefined {
    return this.#named.get(name);
  }

  /** Replaces the snapshot of this name. */
  add(name: string, snapshot: Snapshot): void {
    const former = this.#named.get(name);
    this.#named.set(name, snapshot);
    this.#onTaken(snapshot);
    if (former) this.#dropUnlessNeeded(former);
  }

  /** Until `release`, the snapshot can be restored even if its name is given to another one. */
  keep(snapshot: Snapshot): void {
    this.#kept.add(snapshot);
  }

  release(snapshot: Snapshot): void {
    this.#kept.delete(snapshot);
    this.#dropUnlessNeeded(snapshot);
  }

  /** Drops all. */
  clear(): void {
    const all = new Set([...this.#named.values(), ...this.#kept]);
    this.#named.clear();
    this.#kept.clear();
    for (const snapshot of all) this.#dropUnlessNeeded(snapshot);
  }

  #dropUnlessNeeded(snapshot: Snapshot): void {
    if (this.#kept.has(snapshot) || [...this.#named.values()].includes(snapshot)) return;
    if (snapshot.id !== undefined) this.#drop(snapshot.id);
  }
}
