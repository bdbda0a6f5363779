import type { Cluster } from '../cluster/cluster';
import type { PgCluster } from './pg-cluster';

/** The environment variables that lead to a cluster: ours, and those that libpq and `pg` know. */
export function connectionVariables(cluster: Cluster, handle: PgCluster): Record<string, string> {
  const { host, port } = handle.master;
  return {
    PG_MASTER_URL: handle.masterUrl,
    PG_SLAVE_URLS: handle.slaveUrls.join(','),
    ...(cluster.movingEndpoints && {
      PG_WRITER_URL: handle.writer.url,
      PG_READER_URL: handle.reader.url,
    }),
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: cluster.user,
    PGPASSWORD: cluster.password,
    PGDATABASE: cluster.database,
    ...(cluster.caFile !== undefined && {
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: cluster.caFile,
    }),
  };
}
