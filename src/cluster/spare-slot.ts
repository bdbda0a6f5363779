import { Deadline } from '../base/deadline';
import type { EngineNode } from '../engine/engine-node';
import type { Node } from './node/node';
import type { Snapshot } from './snapshots';

const removeMs = 30_000;
/** After so many sets in a row that could not be used no more are made: they only cost time. */
const failuresAtMost = 3;

/** A second set of servers, as a cluster's are in one of its snapshots. */
export interface SpareSet {
  readonly snapshot: Snapshot;
  /** Resolves when they have been made, or could not be. */
  readonly settled: Promise<unknown>;
  /** What has been one of the cluster's servers, and is one of this set now, is made as new. */
  makeAgain(former: readonly EngineNode[]): void;
  /**
   * Resolves to their nodes once they stream from each other as those of the snapshot should.
   * @param sql what the master has to be told before, if anything
   */
  whole(sql: string | undefined, deadline: Deadline): Promise<readonly Node[]>;
  /** Clients get to them from now on. What had their place is this set's now. */
  takePlace(deadline: Deadline): Promise<void>;
  /** Ends and removes what it has. */
  remove(deadline: Deadline): Promise<void>;
}

/** Has room for one set of spares of a cluster, which is made and removed in the background. */
export class SpareSlot {
  #set: SpareSet | undefined;
  #isOpen = false;
  #failures = 0;
  #removals: Promise<unknown> = Promise.resolve();

  /** Whether spares may be made from now on. If not, what is there is removed. */
  allow(isAllowed: boolean): void {
    this.#isOpen = isAllowed;
    this.#failures = 0;
    if (isAllowed) return;
    this.removeLater(this.#set);
    this.#set = undefined;
  }

  /**
   * Puts a set there, unless there is one for that snapshot; one for another is removed. Returns
   * whether there is one then.
   */
  fill(snapshot: Snapshot, make: (whenFree: Promise<unknown>) => SpareSet | undefined): boolean {
    if (!this.#isOpen || this.#failures === failuresAtMost) return false;
    if (this.#set?.snapshot !== snapshot) {
      this.removeLater(this.#set);
      this.#set = make(this.#removals);
    }
    return this.#set !== undefined;
  }

  /** The set for that snapshot, which is not there any more then. */
  take(snapshot: Snapshot): SpareSet | undefined {
    const set = this.#set;
    if (set?.snapshot !== snapshot) return undefined;
    this.#set = undefined;
    return set;
  }

  /** A set has taken the cluster's place, and has the former servers now. */
  giveBack(set: SpareSet, former: readonly EngineNode[]): void {
    this.#failures = 0;
    if (!this.#isOpen || this.#set) {
      this.removeLater(set);
      return;
    }
    set.makeAgain(former);
    this.#set = set;
  }

  /** A set that was taken could not be made, or does not answer, or clients do not get there. */
  giveUp(set: SpareSet): void {
    this.#failures += 1;
    this.removeLater(set);
  }

  /** Nobody waits for it: what cannot be removed goes with the cluster. */
  removeLater(set: SpareSet | undefined): void {
    if (!set) return;
    const removal = set.remove(Deadline.inBackground(removeMs)).catch(() => {});
    this.#removals = Promise.all([this.#removals, removal]);
  }

  /** Resolves when nothing is being made or removed. For tests. */
  async settled(): Promise<void> {
    await Promise.all([this.#set?.settled, this.#removals]);
  }

  /** From now on it stays empty. Resolves when what was there is gone. */
  async close(deadline: Deadline): Promise<void> {
    this.#isOpen = false;
    const set = this.#set;
    this.#set = undefined;
    await Promise.all([set?.remove(deadline), this.#removals]);
  }
}
