import type { PgCluster } from '../../src/handle/pg-cluster';
import { rows } from '../support/rows';

/**
 * All that a client can tell a cluster by, the ports of servers behind the wire aside, and the
 * names of the files that its tables are in.
 */
export async function traits(pgCluster: PgCluster) {
  const ask = async (url: string) => {
    const [row] = await rows(
      url,
      `SELECT pg_is_in_recovery() AS recovering, timeline_id AS timeline, system_identifier::text,
         (SELECT array_agg(datname::text ORDER BY datname) FROM pg_database) AS databases,
         (SELECT array_agg(rolname::text ORDER BY rolname) FROM pg_roles) AS roles,
         (SELECT array_agg(slot_name::text ORDER BY slot_name) FROM pg_replication_slots) AS slots,
         (SELECT array_agg(spcname::text ORDER BY spcname) FROM pg_tablespace) AS tablespaces,
         (SELECT array_agg(directory || '/' || file ORDER BY directory, file)
            FROM pg_ls_dir('base') AS directory, pg_ls_dir('base/' || directory) AS file
            WHERE file <> 'pg_internal.init') AS files,
         (SELECT array_agg(relname::text ORDER BY relname) FROM pg_class
            WHERE relnamespace = 'public'::regnamespace) AS relations,
         (SELECT jsonb_object_agg(name, setting) FROM pg_settings
            WHERE source NOT IN ('client', 'session', 'override')
              AND name NOT IN ('port', 'primary_conninfo')) AS settings
       FROM pg_control_checkpoint(), pg_control_system()`,
    );
    return row;
  };
  return {
    master: pgCluster.master.name,
    nodes: pgCluster.nodes.map(({ name, role, state, url }) => ({ name, role, state, url })),
    masterUrl: pgCluster.masterUrl,
    slaveUrls: pgCluster.slaveUrls,
    answers: await Promise.all(pgCluster.nodes.map(({ url }) => ask(url))),
  };
}
