import type { Deadline } from '../base/deadline';

/** What a server's files say of a setting. */
export interface WrittenSetting {
  readonly value: string;
  /** Whether it stands in postgresql.auto.conf: then RESET would not bring it back. */
  readonly inAutoConf: boolean;
}

/** Something done on purpose to a node, with its undo. */
export interface Fault {
  readonly node: string;
  /** Completes `pg1 is …`. A node has at most one fault of each kind. */
  readonly kind: string;
  /** Missing if heal has nothing to undo: it starts and repoints nodes anyway. */
  readonly undo?: (deadline: Deadline) => Promise<void>;
  /** What heal tells of it, if it is not `pg1 was …`. */
  readonly left?: () => string;
  /** Makes it again after the cluster was restored; missing if there is nothing to make. */
  readonly again?: () => Promise<unknown>;
  /** The setting that it has changed, and what stood there before. */
  readonly setting?: { readonly name: string; readonly was: WrittenSetting };
  /** It outlives a restart of the server, as a setting does. */
  readonly outlivesServer?: true;
  readonly owner: Owner;
}

/** Hears of faults. */
export interface FaultWatcher {
  faultBegun(fault: Fault): void;
  /** @param because undefined if what is being done to the cluster has ended it */
  faultEnded(fault: Fault, because: EndOfFault | undefined): void;
}

/** Why a fault has ended without an act that says so. */
export type EndOfFault = 'the server’s end' | 'removal' | 'the trap’s last hit';

/** Who a fault belongs to: it lives as long as that test or block. */
type Owner =
  | { readonly kind: 'test'; readonly name: string }
  | { readonly kind: 'block'; readonly name: string; readonly depth: number };

/**
 * The faults that are in force, and who made them. A fault made in a test ends with the test; one
 * made in a hook of a `describe` block (say, `beforeAll`) holds for the whole block.
 */
export class FaultBook {
  readonly #faults: Fault[] = [];
  /** More than one only with `test.concurrent`. */
  readonly #tests: string[] = [];
  readonly #blocks: string[] = [];
  #testStartedAt = 0;
  /** Set while the faults of another owner are made again. */
  #standIn: Owner | undefined;
  #watcher: FaultWatcher | undefined;

  watchedBy(watcher: FaultWatcher | undefined): void {
    this.#watcher = watcher;
  }

  add(made: Omit<Fault, 'owner'>): void {
    this.remove(made.node, made.kind);
    const fault = { ...made, owner: this.#owner() };
    this.#faults.push(fault);
    this.#watcher?.faultBegun(fault);
  }

  /** @param because left out where an act ends it */
  remove(node: string, kind: string, because?: EndOfFault): void {
    this.#removeWhere((fault) => fault.node === node && fault.kind === kind, because);
  }

  has(node: string, kind: string): boolean {
    return this.#faults.some((fault) => fault.node === node && fault.kind === kind);
  }

  /** A server has ended or was started anew: what was done to its former run is over. */
  runEnded(node: string): void {
    this.#removeWhere((fault) => fault.node === node && !fault.outlivesServer, 'the server’s end');
  }

  /** A node's data were replaced by a copy of another's, which has none of the changed settings. */
  dataReplaced(node: string): void {
    this.#removeWhere((fault) => fault.node === node && fault.setting !== undefined);
  }

  /** The removal of a node ends all that was done to it. */
  removeAllOf(node: string): void {
    this.#removeWhere((fault) => fault.node === node, 'removal');
  }

  clear(): void {
    this.#removeWhere(() => true);
  }

  #removeWhere(isOver: (fault: Fault) => boolean, because?: EndOfFault): void {
    for (const fault of this.#faults.filter(isOver)) {
      this.#faults.splice(this.#faults.indexOf(fault), 1);
      this.#watcher?.faultEnded(fault, because);
    }
  }

  get all(): readonly Fault[] {
    return [...this.#faults];
  }

  /** The test or block that runs now, for the timeline. */
  get during(): string | undefined {
    return this.#tests.length > 0 ? this.#tests.join(', ') : this.#blocks.at(-1);
  }

  testStarted(name: string): void {
    if (this.#tests.length === 0) this.#testStartedAt = Date.now();
    this.#tests.push(name);
  }

  testDone(name: string): void {
    const index = this.#tests.indexOf(name);
    if (index >= 0) this.#tests.splice(index, 1);
  }

  /**
   * When the running test began, or the first of those that run at the same time, in milliseconds
   * since the epoch; undefined if none runs.
   */
  get testStartedAt(): number | undefined {
    return this.#tests.length > 0 ? this.#testStartedAt : undefined;
  }

  /** How many tests are running, which then share the cluster. */
  get testsRunning(): number {
    return this.#tests.length;
  }

  blockStarted(name: string): void {
    this.#blocks.push(name);
  }

  blockFinished(): void {
    this.#blocks.pop();
  }

  /** The faults whose test or block has ended; with concurrent tests, when the last one has. */
  get left(): readonly Fault[] {
    return this.#faults.filter((fault) => !this.#isHeld(fault));
  }

  /** The others, which have to stay. */
  get held(): readonly Fault[] {
    return this.#faults.filter((fault) => this.#isHeld(fault));
  }

  #isHeld({ owner }: Fault): boolean {
    if (owner.kind === 'test') return this.#tests.length > 0;
    return owner.depth <= this.#blocks.length;
  }

  /** Every fault that `work` makes belongs to `owner`. Nothing else may be done meanwhile. */
  async as(owner: Owner, work: () => Promise<unknown>): Promise<void> {
    this.#standIn = owner;
    try {
      await work();
    } finally {
      this.#standIn = undefined;
    }
  }

  #owner(): Owner {
    if (this.#standIn) return this.#standIn;
    return this.#tests.length > 0
      ? { kind: 'test', name: this.#tests.join(', ') }
      : {
          kind: 'block',
          name: this.#blocks.at(-1) ?? 'the file',
          depth: this.#blocks.length,
        };
  }
}
