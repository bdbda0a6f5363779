import type { Deadline } from '../../base/deadline';
import type { Endpoint } from '../../postgres/endpoint';
import { unsupported } from '../engine-errors';
import type { NetworkState } from '../network-state';
import { lacks } from './lacks';

/** What stands between a node's server and those who connect. */
export interface NodeFront {
  /** Where the server itself listens. */
  readonly server: Endpoint;
  /** Where the other nodes connect. */
  readonly cluster: Endpoint;
  /** The server has been started. */
  open(deadline: Deadline): Promise<void>;
  /** The server has ended. */
  close(deadline: Deadline): Promise<void>;
  setNetwork(wanted: NetworkState, deadline: Deadline): Promise<void>;
}

/** Nothing stands there, so all packets come and go. */
export class NoFront implements NodeFront {
  readonly server: Endpoint;
  readonly cluster: Endpoint;
  readonly #node: string;

  constructor(node: string, endpoint: Endpoint) {
    this.#node = node;
    this.server = endpoint;
    this.cluster = endpoint;
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async setNetwork({ cut, silenced }: NetworkState): Promise<void> {
    if (cut !== undefined) throw this.#lacking(`${this.#node} cannot be disconnected`);
    if (silenced.length > 0) {
      throw this.#lacking(`the connections of ${this.#node} cannot be silenced`);
    }
  }

  #lacking(what: string): Error {
    return unsupported({ kind: 'local', lacks }, 'network faults', what);
  }
}
