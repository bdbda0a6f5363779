import type { Socket } from 'node:net';
import type { CutFrom } from '../../engine/network-state';
import { QueryLog } from '../protocol/query-log';
import { Session } from '../protocol/session';
import { Traps } from '../protocol/traps';
import type { ConnectionFilter, NodePorts, Refusal, Throttle, TlsIdentity } from '../requests';
import { Encryption } from './encryption';
import { Heartbeat } from './heartbeat';
import { Link, type Side } from './link';
import { Listener } from './listener';
import { originOf } from './origin';
import { refuse } from './refuser';
import { Shaper } from './shaper';

/** What a station needs to know of the others. */
export interface Neighbours {
  /** Whether the node of this name, in the cluster of this station, is cut off from the others. */
  isCutOff(name: string): boolean;
  /** Whether this station leads to a server that answers has changed. */
  changed(): void;
}

/**
 * Stands in front of one node's server. It takes connections exactly as long as the server does.
 */
export class Station {
  readonly traps = new Traps();
  readonly log = new QueryLog();
  readonly #ports: NodePorts;
  readonly #neighbours: Neighbours;
  /** Missing if the server speaks no TLS. */
  readonly #encryption: Encryption | undefined;
  /** Missing while another station has its place. */
  #clients: Listener | undefined;
  /** Missing if the wire does not stand between nodes. */
  readonly #peers: Listener | undefined;
  readonly #heartbeat: Heartbeat;
  /** Whose they are; `origin` is the name of the node that a peer's comes from. */
  readonly #links = new Map<Link, { readonly side: Side; readonly origin: string }>();
  readonly #waiting = new Set<(problem: Error | undefined) => void>();
  #shapers: { readonly from: CutFrom; readonly up: Shaper; readonly down: Shaper } | undefined;
  #cut: CutFrom | undefined;
  #refusal: Refusal | undefined;
  #isFrozen = false;

  /** @param tls what the server speaks TLS with, if it does */
  constructor(ports: NodePorts, neighbours: Neighbours, tls?: TlsIdentity) {
    this.#ports = ports;
    this.#neighbours = neighbours;
    this.#encryption = tls && new Encryption(tls);
    const { clients, cluster } = ports;
    this.#clients =
      clients === undefined ? undefined : new Listener(clients, (socket) => this.take(socket));
    this.#peers =
      cluster === undefined
        ? undefined
        : new Listener(cluster, (socket) => void this.#takePeer(socket));
    this.#heartbeat = new Heartbeat({
      server: ports.server,
      speaksTls: tls !== undefined,
      onChange: (isAlive) => void this.#alive(isAlive),
    });
  }

  /** Whether its server takes connections. */
  get isUp(): boolean {
    return this.#heartbeat.isAlive;
  }

  /** Whether a new client would get an answer. */
  get answers(): boolean {
    return this.isUp && !this.#isFrozen && !this.#isHeld('clients') && !this.#refusal;
  }

  /** @throws with the code EADDRINUSE when somebody else listens on one of its ports */
  async tryPorts(): Promise<void> {
    for (const listener of [this.#clients, this.#peers]) {
      await listener?.set(true);
      await listener?.set(false);
    }
  }

  /** The server is being started. Resolves when connections to it are taken. */
  up(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => settle(new Error('its server takes no connections')),
        timeoutMs,
      );
      const settle = (problem: Error | undefined) => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        if (problem) reject(problem);
        else resolve();
      };
      this.#waiting.add(settle);
      if (this.isUp) void this.#alive(true);
      else this.#heartbeat.start();
    });
  }

  /** The server has ended, and with it what was done to its connections. */
  async down(): Promise<void> {
    this.#heartbeat.stop();
    this.#isFrozen = false;
    this.setCut(undefined);
    this.endSilence();
    for (const settle of this.#waiting) settle(new Error('its server was ended'));
    await this.#listen(false);
  }

  /** The server has answered a query, so it neither starts nor ends. */
  settle(): void {
    this.#heartbeat.settle();
  }

  /** The server waits for its clients to leave. */
  leave(): void {
    this.#heartbeat.leave();
  }

  async close(): Promise<void> {
    await this.down();
    for (const link of this.#links.keys()) link.reset();
  }

  /**
   * Clients that connect to another station get here from now on; those that are connected there
   * hear what they would if its server had ended.
   */
  async takePlaceOf(former: Station | undefined, port: number): Promise<void> {
    const take = (socket: Socket) => this.take(socket);
    // It goes on listening: nobody is refused meanwhile.
    this.#clients = former?.giveUpClients() ?? new Listener(port, take);
    this.#clients.giveTo(take);
    await this.#alive(this.isUp);
    await former?.down();
    former?.endLinks();
  }

  /** What listens where its clients connect, which listens on. */
  giveUpClients(): Listener | undefined {
    const clients = this.#clients;
    this.#clients = undefined;
    return clients;
  }

  /** As its server would if it ended. */
  endLinks(): void {
    for (const link of this.#links.keys()) if (!link.isSilent) link.end();
  }

  setCut(from: CutFrom | undefined): void {
    this.#cut = from;
    this.#neighbours.changed();
  }

  get isCutOff(): boolean {
    return this.#cut === 'cluster' || this.#cut === 'all';
  }

  setFrozen(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
    this.#neighbours.changed();
  }

  setRefusal(as: Refusal | undefined): void {
    this.#refusal = as;
    this.#neighbours.changed();
  }

  throttle(by: Throttle | undefined): void {
    this.#shapers = by && { from: by.from, up: new Shaper(by), down: new Shaper(by) };
    if (!by) for (const link of this.#links.keys()) link.hurry();
  }

  /** Clients' connections that are as asked for. */
  connections(whose: ConnectionFilter): Link[] {
    return [...this.#links]
      .filter(([link, { side }]) => side === 'clients' && link.isOf(whose))
      .map(([link]) => link);
  }

  endSilence(): void {
    for (const link of this.#links.keys()) link.endSilence();
  }

  /** Takes a client's connection. @param onLink hears which link it became, if it is let in */
  take(near: Socket, onLink?: (link: Link) => void): void {
    if (this.#refusal && !this.#isHeld('clients')) {
      refuse(near, this.#refusal, this.#encryption);
      return;
    }
    const link = this.#link(near, 'clients', '');
    onLink?.(link);
  }

  /** Holds exactly what is cut off now. */
  applyCuts(): void {
    for (const [link, { side, origin }] of this.#links) link.hold(this.#isHeld(side, origin));
  }

  async #takePeer(near: Socket): Promise<void> {
    const origin = await originOf(near);
    if (!near.destroyed) this.#link(near, 'cluster', origin);
  }

  #link(near: Socket, side: Side, origin: string): Link {
    const { traps, log } = this;
    const link = new Link(near, {
      side,
      server: this.#ports.server,
      encryption: side === 'clients' ? this.#encryption : undefined,
      newSession: side === 'clients' ? (host) => new Session({ traps, log }, host) : undefined,
      shaper: (direction) => {
        const { from, [direction]: shaper } = this.#shapers ?? {};
        return from === side || from === 'all' ? shaper : undefined;
      },
      onRefused: () => this.#heartbeat.doubt(),
      onClosed: () => this.#links.delete(link),
    });
    this.#links.set(link, { side, origin });
    link.hold(this.#isHeld(side, origin));
    return link;
  }

  #isHeld(side: Side, origin = ''): boolean {
    if (this.#cut === 'all' || this.#cut === side) return true;
    return side === 'cluster' && this.#neighbours.isCutOff(origin);
  }

  async #alive(isAlive: boolean): Promise<void> {
    try {
      await this.#listen(isAlive);
      if (isAlive) for (const settle of this.#waiting) settle(undefined);
    } catch (error) {
      for (const settle of this.#waiting) settle(error as Error);
    }
    this.#neighbours.changed();
  }

  async #listen(listens: boolean): Promise<void> {
    await Promise.all([this.#clients?.set(listens), this.#peers?.set(listens)]);
  }
}
