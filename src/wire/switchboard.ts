import { MovingEndpoint } from './network/moving-endpoint';
import { Station } from './network/station';
import type { Hit, Request } from './requests';

/** Does what the wire's process is asked to. */
export class Switchboard {
  readonly #stations = new Map<string, Station>();
  readonly #endpoints = new Map<string, MovingEndpoint>();
  readonly #traps = new Map<string, Station>();
  readonly #onHit: (trap: string, hit: Hit) => Promise<void>;

  constructor(onHit: (trap: string, hit: Hit) => Promise<void>) {
    this.#onHit = onHit;
  }

  /** Resolves to the answer. */
  async serve(request: Request): Promise<unknown> {
    switch (request.do) {
      case 'open': {
        const former = this.#stations.get(request.node);
        // At once: what is asked for next may be here already.
        this.#stations.set(request.node, this.#newStation(request));
        return former?.close();
      }
      case 'close': {
        const station = this.#stations.get(request.node);
        this.#stations.delete(request.node);
        return station?.close();
      }
      case 'change places':
        return this.#changePlaces(request);
      case 'open endpoint': {
        const lookUp = (node: string) => this.#stations.get(node);
        const endpoint = new MovingEndpoint(request.port, lookUp);
        this.#endpoints.set(request.endpoint, endpoint);
        return endpoint.tryPort();
      }
      case 'point':
        return this.#endpoints.get(request.endpoint)?.point(request.to);
      case 'close endpoint': {
        const endpoint = this.#endpoints.get(request.endpoint);
        this.#endpoints.delete(request.endpoint);
        return endpoint?.close();
      }
      case 'disarm':
        this.#traps.get(request.trap)?.traps.disarm(request.trap);
        this.#traps.delete(request.trap);
        return;
      default:
        return this.#serveAt(this.#station(request.node), request);
    }
  }

  #serveAt(station: Station, request: AtStation): unknown {
    switch (request.do) {
      case 'try ports':
        return station.tryPorts();
      case 'up':
        return station.up(request.timeoutMs);
      case 'settled':
        return station.settle();
      case 'down':
        return station.down();
      case 'let clients leave':
        return station.leave();
      case 'cut':
        return station.setCut(request.from);
      case 'freeze':
        return station.setFrozen(request.isFrozen);
      case 'throttle':
        return station.throttle(request.by);
      case 'refuse':
        return station.setRefusal(request.as);
      case 'reset': {
        const links = station.connections(request.whose);
        for (const link of links) link.reset();
        return links.length;
      }
      case 'silence': {
        const links = station.connections(request.whose);
        for (const link of links) link.silence();
        return { count: links.length, pids: links.flatMap(({ client }) => client?.pid ?? []) };
      }
      case 'end silence':
        return station.endSilence();
      case 'arm':
        this.#traps.set(request.trap, station);
        return station.traps.arm(request.trap, request.spec, (hit) =>
          this.#onHit(request.trap, hit),
        );
      case 'queries':
        return station.log.tell(request.which);
      case 'forget queries':
        return station.log.forget();
    }
  }

  /** A node that is to be replaced may be missing. */
  async #changePlaces(request: Extract<Request, { do: 'change places' }>): Promise<void> {
    const former = this.#stations.get(request.node);
    const next = this.#station(request.with);
    this.#stations.set(request.node, next);
    if (former) this.#stations.set(request.with, former);
    else this.#stations.delete(request.with);
    await next.takePlaceOf(former, request.clients);
  }

  #newStation({ ports, tls }: Extract<Request, { do: 'open' }>): Station {
    const neighbours = {
      isCutOff: (name: string) => this.#nextTo(station, name)?.isCutOff ?? false,
      changed: () => {
        for (const station of this.#stations.values()) station.applyCuts();
        for (const endpoint of this.#endpoints.values()) endpoint.refresh().catch(() => {});
      },
    };
    const station = new Station(ports, neighbours, tls);
    return station;
  }

  /** The node of that name in the cluster of another one. */
  #nextTo(station: Station, name: string): Station | undefined {
    const [key = ''] = [...this.#stations].find(([, other]) => other === station) ?? [];
    return this.#stations.get(`${key.slice(0, key.indexOf('/') + 1)}${name}`);
  }

  #station(node: string): Station {
    const station = this.#stations.get(node);
    if (station) return station;
    throw new Error(`it knows no node ${node}`);
  }
}

type AtStation = Exclude<
  Request,
  {
    do:
      | 'open'
      | 'close'
      | 'change places'
      | 'open endpoint'
      | 'point'
      | 'close endpoint'
      | 'disarm';
  }
>;
