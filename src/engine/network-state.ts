/** Which packets from and to a server are lost. Neither end is told. */
export interface NetworkState {
  /** Whom the server is cut off from: all packets between the two are lost, both ways. */
  readonly cut: CutFrom | undefined;
  /**
   * Connections whose clients hear nothing any more. The server gets a reset when it uses its end.
   * Once a connection is not silenced any more, the client's next packet is answered with a reset.
   */
  readonly silenced: readonly Peer[];
}

/** No packet is lost. */
export const openNetwork: NetworkState = { cut: undefined, silenced: [] };

/** Whom a node can be cut off from: those who connect to its endpoint, the other nodes, or both. */
export type CutFrom = 'clients' | 'cluster' | 'all';

/** The far end of a connection, as the server sees it. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}
