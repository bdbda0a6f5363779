import type { Deadline } from '../base/deadline';
import { newId } from '../base/new-id';
import type { CutFrom } from '../engine/network-state';
import type { Endpoint } from '../postgres/endpoint';
import type {
  ConnectionFilter,
  Hit,
  QueryRecord,
  Refusal,
  Request,
  Throttle,
  TlsIdentity,
  TrapSpec,
  WhichQueries,
} from './requests';
import { Wire } from './wire';

const host = '127.0.0.1';
/** Whoever waits here says better what was waited for. */
const graceMs = 1000;

type RequestOfNode = Extract<Request, { readonly node: string }>;
type WithoutNode<R> = R extends RequestOfNode ? Omit<R, 'node'> : never;

/** What stands in front of one node: where clients connect, and what can be done to them there. */
export class Front {
  /** The wire knows the nodes of all clusters of this process, each by its cluster and name. */
  #key: string;
  readonly name: string;
  /** Where clients connect. */
  readonly endpoint: Endpoint;
  /** Where other nodes connect, if the wire stands between nodes, too. */
  readonly cluster: Endpoint | undefined;
  readonly #server: Endpoint;
  readonly #tls: TlsIdentity | undefined;
  /** Whether clients get here. */
  #isSpare: boolean;
  #wire: Wire | undefined;

  /** Opens nothing yet. */
  constructor(o: {
    /** An id of the cluster. */
    of: string;
    name: string;
    /** The port where clients connect. */
    port: number;
    cluster: Endpoint | undefined;
    /** The server's own address. */
    server: Endpoint;
    /** What the server speaks TLS with, if it does. */
    tls: TlsIdentity | undefined;
    /** Clients do not get here yet. */
    isSpare: boolean;
  }) {
    this.#key = keyOf(o.of, o.name);
    this.#isSpare = o.isSpare;
    this.name = o.name;
    this.endpoint = { host, port: o.port };
    this.cluster = o.cluster;
    this.#server = o.server;
    this.#tls = o.tls;
  }

  get key(): string {
    return this.#key;
  }

  /** Whether the process behind it has ended; `open` finds or starts another one. */
  get hasEnded(): boolean {
    return this.#wire?.hasEnded ?? false;
  }

  /** @throws `ERR_PG_CLUSTER_PORT_IN_USE` */
  async open(deadline: Deadline): Promise<void> {
    this.#wire = Wire.ofProcess;
    const ports = {
      clients: this.#isSpare ? undefined : this.endpoint.port,
      cluster: this.cluster?.port,
      server: this.#server,
    };
    await this.#ask('open', { do: 'open', ports, tls: this.#tls }, deadline);
    await this.#ask('listen where clients connect', { do: 'try ports' }, deadline);
  }

  /**
   * Clients get here from now on, and not to the one that had this place in the cluster `of`, which
   * may be gone; their connections are ended.
   */
  async takePlaceOf(former: Front | undefined, of: string, deadline: Deadline): Promise<void> {
    const [place, spare] = [keyOf(of, this.name), this.#key];
    const wire = this.#requireWire();
    await wire.ask<void>(
      `lead clients of ${this.name} to another server`,
      { do: 'change places', node: place, with: spare, clients: this.endpoint.port },
      deadline,
    );
    this.#key = place;
    this.#isSpare = false;
    if (!former) return;
    former.#key = spare;
    former.#isSpare = true;
  }

  /** The server is starting. Resolves as soon as it takes connections and clients are let in. */
  admit(deadline: Deadline): Promise<void> {
    const timeoutMs = Math.ceil(deadline.plus(graceMs).remainingMs);
    return this.#ask('let clients in', { do: 'up', timeoutMs }, deadline);
  }

  /** The server has answered a query since it was started. */
  noteSettled(deadline: Deadline): Promise<void> {
    return this.#ask('note that its server is up', { do: 'settled' }, deadline);
  }

  /** The server is about to wait for its clients to leave; the wire's own connection is one. */
  letClientsLeave(deadline: Deadline): Promise<void> {
    return this.#ask('leave', { do: 'let clients leave' }, deadline);
  }

  /** The server has ended. */
  refuseAll(deadline: Deadline): Promise<void> {
    return this.#ask('refuse clients', { do: 'down' }, deadline);
  }

  cut(from: CutFrom | undefined, deadline: Deadline): Promise<void> {
    return this.#ask('cut connections', { do: 'cut', from }, deadline);
  }

  /** A frozen server answers nobody, so the endpoints pass it over. */
  noteFrozen(isFrozen: boolean, deadline: Deadline): Promise<void> {
    return this.#ask('note that it is frozen', { do: 'freeze', isFrozen }, deadline);
  }

  throttle(by: Throttle | undefined, deadline: Deadline): Promise<void> {
    return this.#ask('slow connections', { do: 'throttle', by }, deadline);
  }

  /** New clients get this answer; undefined: they are let in. */
  refuse(as: Refusal | undefined, deadline: Deadline): Promise<void> {
    return this.#ask('refuse new connections', { do: 'refuse', as }, deadline);
  }

  /** Resolves to the number of connections that were reset. */
  reset(whose: ConnectionFilter, deadline: Deadline): Promise<number> {
    return this.#ask('reset connections', { do: 'reset', whose }, deadline);
  }

  /** Resolves to how many there were, and the pids of their backends. */
  silence(whose: ConnectionFilter, deadline: Deadline): Promise<{ count: number; pids: number[] }> {
    return this.#ask('silence connections', { do: 'silence', whose }, deadline);
  }

  endSilence(deadline: Deadline): Promise<void> {
    return this.#ask('end the silence', { do: 'end silence' }, deadline);
  }

  /** Resolves to what disarms it. */
  async arm(
    spec: TrapSpec,
    onHit: (hit: Hit) => void,
    deadline: Deadline,
  ): Promise<(deadline: Deadline) => Promise<void>> {
    const trap = newId();
    const wire = this.#requireWire();
    wire.onHit(trap, onHit);
    await this.#ask('set a trap', { do: 'arm', trap, spec }, deadline);
    return async (by) => {
      await wire.ask(`disarm a trap of ${this.name}`, { do: 'disarm', trap }, by);
      wire.offHit(trap);
    };
  }

  /** In the order in which they began. */
  queries(which: WhichQueries, deadline: Deadline): Promise<QueryRecord[]> {
    return this.#ask('tell what was run', { do: 'queries', which }, deadline);
  }

  forgetQueries(deadline: Deadline): Promise<void> {
    return this.#ask('forget what was run', { do: 'forget queries' }, deadline);
  }

  /** The server has ended, and another one will take its place: nothing is left of what was done. */
  async asNew(deadline: Deadline): Promise<void> {
    await Promise.all([
      this.refuseAll(deadline),
      this.endSilence(deadline),
      this.throttle(undefined, deadline),
      this.refuse(undefined, deadline),
      this.forgetQueries(deadline),
    ]);
  }

  /** Ends all connections. */
  async close(deadline: Deadline): Promise<void> {
    if (this.#wire && !this.#wire.hasEnded) await this.#ask('close', { do: 'close' }, deadline);
  }

  #ask<R = void>(
    what: string,
    request: WithoutNode<RequestOfNode>,
    deadline: Deadline,
  ): Promise<R> {
    return this.#requireWire().ask<R>(
      `${what} in front of ${this.name}`,
      { ...request, node: this.key } as Request,
      deadline,
    );
  }

  #requireWire(): Wire {
    if (this.#wire) return this.#wire;
    throw new Error(`the front of ${this.name} is not open`);
  }
}

function keyOf(cluster: string, name: string): string {
  return `${cluster}/${name}`;
}
