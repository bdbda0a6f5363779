import { Deadline } from '../../base/deadline';
import type { Cluster } from '../../cluster/cluster';
import type { Node } from '../../cluster/node/node';
import type { QueryRecord } from '../../wire/requests';
import type { Moment, Statements } from '../records';
import { groupsOf, type Ran } from './statement-groups';
import { keptOf } from './verb';

const lookMs = 5000;
/**
 * A statement that has not ended is asked about again, with all that came after it. If that is much,
 * only for so long.
 */
const [much, openMs] = [500, 5000];

interface Surroundings {
  readonly withSql: boolean;
  /** @param at milliseconds since the epoch */
  readonly momentOf: (at: number) => Moment;
  readonly write: (record: Statements) => void;
}

/** Tells what clients ran on the nodes, as the wire in front of each has seen it. */
export class StatementRecords {
  readonly #cluster: Cluster;
  readonly #o: Surroundings;
  readonly #tails = new Map<Node, Tail>();
  /** Milliseconds since the epoch. */
  readonly #begunAt = Date.now();

  constructor(cluster: Cluster, o: Surroundings) {
    this.#cluster = cluster;
    this.#o = o;
  }

  /**
   * The wires answer in order, so this tells all that was run before it, even if a wire is told to
   * forget it right afterwards. Never rejects.
   */
  async look(): Promise<void> {
    await Promise.all(this.#cluster.nodes.map((node) => this.#tailOf(node).look()));
  }

  /** The last look; what has not ended is told too. */
  async end(): Promise<void> {
    await this.look();
    for (const tail of this.#tails.values()) tail.end();
  }

  #tailOf(node: Node): Tail {
    let tail = this.#tails.get(node);
    if (!tail) {
      tail = new Tail(node, this.#begunAt, this.#o);
      this.#tails.set(node, tail);
    }
    return tail;
  }
}

/** What was not yet told of one node. */
class Tail {
  readonly #node: Node;
  readonly #o: Surroundings;
  /** Milliseconds since the epoch: what began earlier is told. */
  #since: number;
  /** Those that began then or later and are told. */
  #told = new Set<string>();
  #open: readonly Keyed[] = [];
  #newest = 0;

  constructor(node: Node, since: number, o: Surroundings) {
    this.#node = node;
    this.#since = since;
    this.#o = o;
  }

  async look(): Promise<void> {
    const front = this.#node.wired?.front;
    if (!front || front.hasEnded) return;
    try {
      const asked = { since: this.#since };
      this.#take(keyed(await front.queries(asked, Deadline.inBackground(lookMs))));
    } catch {
      // The next look finds it, unless the wire has ended.
    }
  }

  end(): void {
    this.#tell(this.#open);
    this.#open = [];
  }

  #take(found: readonly Keyed[]): void {
    // An answer to an earlier question may have told some of it.
    const fresh = found.filter(({ at, key }) => at >= this.#since && !this.#told.has(key));
    this.#tellForgotten(found);
    const now = Date.now();
    const isOver = (query: Keyed) =>
      hasEnded(query) || (found.length > much && now - query.at > openMs);
    const over = fresh.filter(isOver);
    this.#tell(over);
    for (const { key } of over) this.#told.add(key);
    this.#open = fresh.filter((query) => !isOver(query));
    this.#newest = found.reduce((newest, { at }) => Math.max(newest, at), this.#newest);
    this.#since = this.#open.reduce(
      (least, { at }) => Math.min(least, at),
      Math.max(this.#since, this.#newest),
    );
    // What began earlier does not come again.
    this.#told = new Set(
      found
        .filter(({ at }) => at >= this.#since)
        .map(({ key }) => key)
        .filter((key) => this.#told.has(key)),
    );
  }

  /** Of these the wire will tell no end: it was told to forget them. */
  #tellForgotten(found: readonly Keyed[]): void {
    if (this.#open.length === 0) return;
    const there = new Set(found.map(({ key }) => key));
    this.#tell(this.#open.filter(({ key }) => !there.has(key)));
  }

  #tell(queries: readonly QueryRecord[]): void {
    const { withSql, momentOf, write } = this.#o;
    const ran = queries.map(
      ({ sql, applicationName, sqlState, durationMs, at }): Ran => ({
        sql: keptOf(sql, withSql),
        applicationName,
        sqlState,
        durationMs,
        since: momentOf(at),
      }),
    );
    for (const group of groupsOf(this.#node.name, ran)) write(group);
  }
}

function hasEnded({ tag, sqlState, durationMs }: QueryRecord): boolean {
  return tag !== null || sqlState !== null || durationMs !== null;
}

interface Keyed extends QueryRecord {
  readonly key: string;
}

/**
 * With what each is known by when it comes again. A session can run several in one millisecond; these
 * come in the same order each time, all or none.
 */
function keyed(found: readonly QueryRecord[]): Keyed[] {
  const counts = new Map<string, number>();
  return found.map((query) => {
    const moment = `${query.pid} ${query.at}`;
    const count = (counts.get(moment) ?? 0) + 1;
    counts.set(moment, count);
    return { ...query, key: `${moment} ${count}` };
  });
}
