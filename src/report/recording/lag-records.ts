import type { Cluster } from '../../cluster/cluster';
import { outOfConnections } from '../../cluster/faults/connection-faults';
import type { Node } from '../../cluster/node/node';
import type { LagIs, Moment } from '../records';
import { LagSource, type WalSeen } from './lag-source';

/** For so long it is known when the master had written what. */
const historyMs = 600_000;

interface Written {
  readonly at: Moment;
  readonly lsn: number;
}

interface Surroundings {
  readonly now: () => Moment;
  /** Whether something is being done to a node, which must not meet a connection of ours. */
  readonly isBusy: (node: string) => boolean;
  readonly write: (record: LagIs) => void;
}

/** Tells how far slaves are behind, as those say that they stream from: that asks fewest servers. */
export class LagRecords {
  readonly #cluster: Cluster;
  readonly #o: Surroundings;
  readonly #sources = new Map<Node, LagSource>();
  readonly #told = new Map<string, string>();
  #written: Written[] = [];
  #writer: Node | undefined;
  #isLooking = false;

  constructor(cluster: Cluster, o: Surroundings) {
    this.#cluster = cluster;
    this.#o = o;
  }

  /** Nobody waits for it. A look that takes long makes the next ones be left out. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#cluster.slaves.length === 0) return;
    this.#isLooking = true;
    try {
      const { master, following } = this.#cluster;
      const asked = [...new Set([master, ...following.map(({ upstream }) => upstream)])];
      const seen = new Map(
        await Promise.all(asked.map(async (node) => [node, await this.#ask(node)] as const)),
      );
      if (this.#cluster.master === master) this.#tell(master, seen);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Ends its connection to this node; null: to all nodes. */
  leave(name: string | null): void {
    for (const [node, source] of this.#sources) {
      if (name === null || node.name === name) source.leave();
    }
  }

  async #ask(node: Node): Promise<WalSeen | undefined> {
    const isOutOfReach = node.cutFrom !== undefined && !node.wired;
    const isFull = this.#cluster.faults.has(node.name, outOfConnections);
    if (node.state !== 'running' || isOutOfReach || isFull || this.#o.isBusy(node.name)) {
      this.leave(node.name);
      return undefined;
    }
    let source = this.#sources.get(node);
    if (!source) {
      source = new LagSource(node);
      this.#sources.set(node, source);
    }
    return source.look();
  }

  #tell(master: Node, seen: ReadonlyMap<Node, WalSeen | undefined>): void {
    const at = this.#o.now();
    const lsn = seen.get(master)?.written ?? undefined;
    if (lsn !== undefined) this.#note(master, { at, lsn });
    for (const { slave, upstream } of this.#cluster.following) {
      const replayed = seen.get(upstream)?.replayed.find((one) => one.slave === slave.name)?.lsn;
      const bytes =
        lsn === undefined || replayed === undefined ? null : Math.max(0, lsn - replayed);
      const ms = replayed === undefined || bytes === null ? null : this.#msBehind(replayed, at);
      this.#tellOf(slave.name, bytes, ms);
    }
  }

  #tellOf(node: string, bytes: number | null, ms: number | null): void {
    const text = `${bytes} ${ms}`;
    if (this.#told.get(node) === text) return;
    this.#told.set(node, text);
    this.#o.write({ kind: 'lag', node, bytes, ms });
  }

  #note(master: Node, now: Written): void {
    // Another master, or one that was put back, begins another history.
    const last = this.#written.at(-1);
    if (this.#writer !== master || (last && last.lsn > now.lsn)) this.#written = [];
    this.#writer = master;
    if (this.#written.at(-1)?.lsn !== now.lsn) this.#written.push(now);
    const [oldest] = this.#written;
    if (oldest && now.at - oldest.at > historyMs) this.#written.shift();
  }

  /** Since when the master is seen to have more than that. It may have had it a look earlier. */
  #msBehind(replayed: number, at: Moment): number {
    const first = this.#written.find(({ lsn }) => lsn > replayed);
    return first ? at - first.at : 0;
  }
}
