import type { Socket } from 'node:net';
import type { Pointing } from '../requests';
import type { Link } from './link';
import { Listener } from './listener';
import type { Station } from './station';

/** An endpoint that leads to one node or another. It refuses while it leads to none. */
export class MovingEndpoint {
  readonly #listener: Listener;
  /** By the key of the node that they lead to. */
  readonly #links = new Map<Link, string>();
  readonly #lookUp: (node: string) => Station | undefined;
  #to: Pointing = { nodes: [], keepSessions: false };
  #turn = 0;

  /** @param lookUp the station of a node, which may be another one after the node was made again */
  constructor(port: number, lookUp: (node: string) => Station | undefined) {
    this.#lookUp = lookUp;
    this.#listener = new Listener(port, (near) => this.#take(near));
  }

  /** @throws with the code EADDRINUSE */
  async tryPort(): Promise<void> {
    await this.#listener.set(true);
    await this.#listener.set(false);
  }

  /** Leads to these from now on. Connections to others are ended, unless they may stay. */
  async point(to: Pointing): Promise<void> {
    this.#to = to;
    if (!to.keepSessions) {
      for (const [link, node] of this.#links) if (!this.#nodes.includes(node)) link.end();
    }
    await this.refresh();
  }

  /** Something has changed about a node. */
  refresh(): Promise<void> {
    return this.#listener.set(this.#nodes.some((node) => this.#lookUp(node)?.isUp));
  }

  close(): Promise<void> {
    this.#to = { nodes: [], keepSessions: false };
    for (const link of this.#links.keys()) link.reset();
    return this.#listener.set(false);
  }

  #take(near: Socket): void {
    const node = this.#next();
    const station = node === undefined ? undefined : this.#lookUp(node);
    if (node === undefined || !station) {
      near.resetAndDestroy();
      return;
    }
    station.take(near, (link) => {
      this.#links.set(link, node);
      near.once('close', () => this.#links.delete(link));
    });
  }

  /** Those that answer, in turns; if none does, one that at least takes connections. */
  #next(): string | undefined {
    const { nodes, otherwise = [] } = this.#to;
    const answers = (node: string) => this.#lookUp(node)?.answers === true;
    const choices = [
      nodes.filter(answers),
      otherwise.filter(answers),
      this.#nodes.filter((node) => this.#lookUp(node)?.isUp),
    ];
    const choice = choices.find((some) => some.length > 0) ?? [];
    this.#turn += 1;
    return choice[this.#turn % choice.length];
  }

  get #nodes(): readonly string[] {
    return [...this.#to.nodes, ...(this.#to.otherwise ?? [])];
  }
}
