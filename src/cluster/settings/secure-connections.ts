import { Deadline } from '../../base/deadline';
import { writeSessionFile } from '../../cleanup/session-files';
import type { Engine } from '../../engine/engine';
import { certificatesFor } from '../../postgres/certificates';
import type { ClusterSpec } from '../cluster-spec';
import type { ClusterTls } from '../cluster-tls';
import { hbaOnlyEncrypted } from './template';

/** Begins to make what nodes speak TLS with, which takes a while the first time. */
export function beginCertificates({ tls, publishOn }: ClusterSpec): void {
  const addresses = publishOn === undefined ? [] : [publishOn];
  // Whoever needs them gets the error.
  if (tls !== false) certificatesFor(addresses).catch(() => {});
}

/** What the option `tls` asks for. The file is the cluster's, which has to remove it. */
export async function secureConnections(
  engine: Engine,
  { tls, startTimeoutMs }: ClusterSpec,
): Promise<ClusterTls | undefined> {
  if (tls === false) return undefined;
  const addresses = await engine.serverAddresses(Deadline.in(startTimeoutMs));
  const { ca, cert, key } = await certificatesFor(addresses);
  return {
    ca,
    caFile: writeSessionFile('ca.crt', ca),
    server: { cert, key, hba: tls === 'required' ? hbaOnlyEncrypted : undefined },
  };
}
