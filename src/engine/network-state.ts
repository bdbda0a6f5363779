/** Which packets from and to a server are lost. Neither end is told. */
export interface NetworkState {
  /** Whom the server is cut off from: all packets between the two are lost, both ways. */
  readonly cut: CutFrom | undefined;
}

/** No packet is lost. */
export const openNetwork: NetworkState = { cut: undefined };

/** Whom a node can be cut off from: those who connect to its endpoint, the other nodes, or both. */
export type CutFrom = 'clients' | 'cluster' | 'all';
