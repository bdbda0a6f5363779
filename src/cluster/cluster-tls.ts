import type { ServerTls } from '../engine/server-tls';

/** What nodes and their clients speak TLS with. */
export interface ClusterTls {
  /** The certificate of the authority that clients know the servers by, in PEM. */
  readonly ca: string;
  /** A file with it. */
  readonly caFile: string;
  readonly server: ServerTls;
}
