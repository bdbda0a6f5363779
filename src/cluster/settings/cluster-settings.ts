import type { Settings } from '../../postgres/settings';

/**
 * Defaults of every node, which the user's settings override. Made for servers that live for
 * minutes: no fsync (only a crash of the kernel would lose data, not that of a server), quick to
 * notice and to retry. Every version from 13 on knows each name.
 */
export const defaultSettings: Settings = {
  fsync: false,
  shared_buffers: '32MB',
  max_connections: 100,
  max_wal_size: '1GB',
  log_checkpoints: false,
  log_timezone: 'UTC',
  timezone: 'UTC',
  // Names the role and database where there is one.
  log_line_prefix: '%m [%p] %q%u@%d ',
};

/** What the cluster is built on; not for users to change. */
export const ownSettings: Settings = {
  wal_level: 'replica',
  hot_standby: true,
  max_wal_senders: 20,
  max_replication_slots: 20,
  // A slave that was paused or cut off for long must still find its WAL on the master.
  wal_keep_size: '512MB',
  wal_log_hints: true,
  // A slave whose first attempt fails would wait 5 s by default.
  wal_retrieve_retry_interval: '100ms',
  wal_receiver_status_interval: '1s',
  logging_collector: false,
  log_destination: 'stderr',
};

/** Settings that differ from node to node; see nodeConf. */
const nodeSettings = [
  'cluster_name',
  'primary_conninfo',
  'primary_slot_name',
  'recovery_min_apply_delay',
  'synchronous_standby_names',
];

/** Settings that only the engine may make, or nobody. */
const setElsewhere = [
  'allow_alter_system',
  'config_file',
  'data_directory',
  'external_pid_file',
  'hba_file',
  'ident_file',
  'listen_addresses',
  'port',
  'unix_socket_directories',
];

/** A wal_level of `logical` has all that `replica` has, and tests of logical decoding need it. */
const negotiable = ['wal_level', 'wal_keep_size', 'max_wal_senders', 'max_replication_slots'];

/**
 * Settings that belong to the environment: neither the option `settings` nor `init` may make them.
 */
export const ownNames: readonly string[] = [
  ...Object.keys(ownSettings).filter((name) => !negotiable.includes(name)),
  ...nodeSettings,
  ...setElsewhere,
];

export function isOwnSetting(name: string): boolean {
  return ownNames.includes(name.toLowerCase());
}

export function isNodeSetting(name: string): boolean {
  return nodeSettings.includes(name.toLowerCase());
}
