import { Deadline } from '../../base/deadline';
import type { Endpoint } from '../../postgres/endpoint';
import type { MovingFront } from '../../wire/moving-front';
import type { Node } from '../node/node';
import { areSame, nowhere, type Targets } from './targets';

const moveMs = 10_000;

/** How an endpoint follows a change of roles. */
export interface HowToFollow {
  /** How much later it moves, in milliseconds. @default 0 */
  delayMs?: number;
  /**
   * Whether sessions that lead to other nodes go on, as with a DNS name; otherwise they are ended.
   * @default false
   */
  keepSessions?: boolean;
}

const atOnce: Required<HowToFollow> = { delayMs: 0, keepSessions: false };

interface Listeners {
  /** It has moved. */
  readonly onMove: () => void;
  /** The same, when nobody waited for it any more. */
  readonly onLateMove: (endpoint: MovingEndpoint) => void;
}

/** An endpoint that follows the roles of nodes, unless it was told to lead elsewhere. */
export class MovingEndpoint {
  readonly #front: MovingFront;
  readonly #wanted: () => Targets;
  readonly #on: Listeners;
  #how = atOnce;
  #byHand: readonly Node[] | undefined;
  #now = nowhere;
  #timer: NodeJS.Timeout | undefined;

  /** @param wanted where it should lead to, by the roles of now */
  constructor(front: MovingFront, wanted: () => Targets, on: Listeners) {
    this.#front = front;
    this.#wanted = wanted;
    this.#on = on;
  }

  get name(): string {
    return this.#front.name;
  }

  get endpoint(): Endpoint {
    return this.#front.endpoint;
  }

  /** Where it leads now. */
  get targets(): readonly Node[] {
    return this.#now.nodes.length > 0 ? this.#now.nodes : this.#now.otherwise;
  }

  /** Roles may have changed. Resolves when it leads where it should, if that is to be at once. */
  async refresh(): Promise<void> {
    if (this.#byHand) return;
    if (areSame(this.#wanted(), this.#now)) {
      this.#cancel();
      return;
    }
    if (this.#how.delayMs === 0 || this.#now === nowhere) await this.#move();
    else this.#moveLater();
  }

  /** It follows the roles from now on, and leads there now. */
  async follow(how: HowToFollow = {}): Promise<void> {
    this.#how = { ...atOnce, ...how };
    this.#byHand = undefined;
    await this.#move();
  }

  /** It leads to these until it is told to follow again. */
  async pointTo(nodes: readonly Node[]): Promise<void> {
    this.#byHand = nodes;
    await this.#move();
  }

  /** It moves no more. */
  stop(): void {
    this.#cancel();
    this.#byHand = this.targets;
  }

  #moveLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // The next act tries again, and tells what went wrong.
      this.#move().then(
        () => this.#on.onLateMove(this),
        () => {},
      );
    }, this.#how.delayMs).unref();
  }

  async #move(): Promise<void> {
    this.#cancel();
    const targets = this.#byHand ? { nodes: this.#byHand, otherwise: [] } : this.#wanted();
    const keys = (nodes: readonly Node[]) => nodes.flatMap(({ wired }) => wired?.front.key ?? []);
    const { keepSessions } = this.#how;
    await this.#front.point(
      { nodes: keys(targets.nodes), otherwise: keys(targets.otherwise), keepSessions },
      Deadline.in(moveMs),
    );
    this.#now = targets;
    this.#on.onMove();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
