import { writeSessionFile } from '../../cleanup/session-files';
import { certificatesFor } from '../../postgres/certificates';
import type { ClusterSpec } from '../cluster-spec';
import type { ClusterTls } from '../cluster-tls';
import { hbaOnlyEncrypted } from './template';

/** Begins to make what nodes speak TLS with, which takes a while the first time. */
export function beginCertificates({ tls, publishOn }: ClusterSpec): void {
  // Whoever needs them gets the error.
  if (tls !== false) certificatesFor(publishOn).catch(() => {});
}

/** What the option `tls` asks for. The file is the cluster's, which has to remove it. */
export async function secureConnections({
  tls,
  publishOn,
}: ClusterSpec): Promise<ClusterTls | undefined> {
  if (tls === false) return undefined;
  const { ca, cert, key } = await certificatesFor(publishOn);
  return {
    ca,
    caFile: writeSessionFile('ca.crt', ca),
    server: { cert, key, hba: tls === 'required' ? hbaOnlyEncrypted : undefined },
  };
}
