import { Deadline, poll } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { oneOf, wholeNumber } from '../../../base/value-rules';
import type { Hit, TrapSpec } from '../../../wire/requests';
import type { Attached, Cluster } from '../../cluster';
import type { Node } from '../../node/node';
import { requireFront } from '../preconditions';
import { noteSilence } from './silenced-connections';
import { inWords, patternOf } from './statement-pattern';

/** What is lost, and how. */
export interface CutOptions {
  /**
   * `'reply'`: the server finishes the statement, and the client never hears. `'request'`: the server
   * never gets it. @default 'reply'
   */
  lose?: 'reply' | 'request';
  /**
   * How the connection ends: `'reset'`; `'close'`, as by a peer that has ended; `'silence'`: it stays
   * open, and nobody hears anything. @default 'reset'
   */
  then?: 'reset' | 'silence' | 'close';
  /** How many statements it cuts. @default 1 */
  times?: number;
}

export const cutRules = {
  lose: oneOf('reply', 'request'),
  // biome-ignore lint/suspicious/noThenProperty: a word, which nobody can call
  then: oneOf('reset', 'silence', 'close'),
  times: wholeNumber(1, 1_000_000),
};

/** A statement that a trap has cut. */
export interface PgHit {
  readonly sql: string;
  /** The name of the node. */
  readonly node: string;
  /** Of the client that sent it. */
  readonly applicationName: string;
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  /**
   * PostgreSQL's tag of the command that was done, such as `COMMIT` or `INSERT 0 1`; null if it failed,
   * or never reached the server.
   */
  readonly tag: string | null;
}

const faultMs = 10_000;
const closeMs = 1_000;
const hitMs = 10_000;

/** Waits for statements, to lose them or the replies to them. */
export class Trap implements Attached {
  readonly #cluster: Cluster;
  readonly #node: Node;
  readonly #statement: RegExp | string;
  readonly #spec: TrapSpec;
  readonly #hits: PgHit[] = [];
  /** Its fault in the book. */
  readonly #kind: string;
  /** Undefined if it is not armed. */
  #disarm: ((deadline: Deadline) => Promise<void>) | undefined;
  /** How many it had cut when it was last armed. */
  #hitsBefore = 0;

  constructor(cluster: Cluster, node: Node, statement: RegExp | string, o: CutOptions) {
    const { lose = 'reply', then = 'reset', times = 1 } = o;
    this.#cluster = cluster;
    this.#node = node;
    this.#statement = statement;
    this.#spec = { pattern: patternOf(statement), lose, ending: then, times };
    this.#kind = freeKind(cluster, node, `waiting to cut at ${inWords(statement)}`);
  }

  /** What it has cut, in order. */
  get hits(): readonly PgHit[] {
    return [...this.#hits];
  }

  async arm(): Promise<void> {
    const { name } = this.#node;
    await this.#cluster.act(`cut at ${inWords(this.#statement)}`, this.#node, async () => {
      const front = requireFront(this.#node, 'cut a connection at a statement');
      this.#hitsBefore = this.#hits.length;
      const onHit = (hit: Hit) => this.#sprang(hit);
      this.#disarm = await front.arm(this.#spec, onHit, Deadline.in(faultMs));
      this.#cluster.attach(this);
      this.#cluster.faults.add({
        node: name,
        kind: this.#kind,
        outlivesServer: true,
        undo: (deadline) => this.#end(deadline),
        again: () => this.arm(),
        left: () =>
          this.#hits.length > this.#hitsBefore
            ? `${name} was ${this.#kind} again`
            : `the trap of ${name} at ${inWords(this.#statement)} never sprang`,
      });
      return true;
    });
  }

  /** Resolves to the first that it has cut, once there is one. */
  async hit(o: { timeoutMs?: number | undefined } = {}): Promise<PgHit> {
    const what = `${this.#node.name} to get a statement that matches ${inWords(this.#statement)}`;
    return poll({
      deadline: Deadline.in(o.timeoutMs ?? hitMs),
      what,
      intervalMs: 5,
      look: async () => {
        const [first] = this.#hits;
        if (first) return { done: first };
        if (this.#disarm) return { seen: 'none of those that came does' };
        throw new PgClusterError(
          'ERR_PG_CLUSTER_STATE',
          `nobody waits for ${what}: the trap was disarmed, by disarm(), heal(), the end of the test or a reset`,
        );
      },
    });
  }

  /** It cuts nothing any more. */
  disarm(): Promise<void> {
    return this.#cluster.act(`disarm ${inWords(this.#statement)}`, this.#node, async () => {
      if (!this.#disarm) return false;
      await this.#end(Deadline.in(faultMs));
      return true;
    });
  }

  /** The cluster begins anew, or ends. */
  close(): void {
    this.#end(Deadline.inBackground(closeMs)).catch(() => {});
  }

  async #end(deadline: Deadline): Promise<void> {
    const disarm = this.#disarm;
    this.#isOver();
    await disarm?.(deadline);
  }

  #isOver(because?: 'the trap’s last hit'): void {
    this.#disarm = undefined;
    this.#cluster.detach(this);
    this.#cluster.faults.remove(this.#node.name, this.#kind, because);
  }

  #sprang({ sql, applicationName, at, tag }: Hit): void {
    const node = this.#node.name;
    this.#hits.push(Object.freeze({ sql, node, applicationName, at, tag }));
    const { during } = this.#cluster.faults;
    this.#cluster.sprang({ node, sql, applicationName, tag, lost: this.#spec.lose });
    const act = `lose ${this.#spec.lose}`;
    this.#cluster.timeline
      .record({ act, node, during, isTold: true }, async (tell) => {
        tell({ detail: tag === null ? sql : `${sql} (${tag})` });
      })
      .catch(() => {});
    if (this.#spec.ending === 'silence') noteSilence(this.#cluster, this.#node);
    if (this.#hits.length - this.#hitsBefore >= this.#spec.times) {
      this.#isOver('the trap’s last hit');
    }
  }
}

/** Sets a trap. */
export async function cutAt(
  cluster: Cluster,
  node: Node,
  statement: RegExp | string,
  o: CutOptions = {},
): Promise<Trap> {
  const trap = new Trap(cluster, node, statement, o);
  await trap.arm();
  return trap;
}

/** A node has one fault of each kind, and may have several traps. */
function freeKind(cluster: Cluster, node: Node, kind: string): string {
  let free = kind;
  for (let n = 2; cluster.faults.has(node.name, free); n += 1) free = `${kind} (${n})`;
  return free;
}
