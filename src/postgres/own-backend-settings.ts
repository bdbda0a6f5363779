/**
 * Settings of our own connections. Users may set whatever they like, by the option `settings`,
 * ALTER SYSTEM, ALTER DATABASE and ALTER ROLE, but nothing of it may hinder the handle or change
 * what it reads. Every version from 13 on knows each of these names.
 */
export const ownBackendSettings: Readonly<Record<string, string>> = {
  client_min_messages: 'error',
  default_transaction_read_only: 'off',
  // A slave refuses every query of a serializable transaction.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  search_path: 'pg_catalog',
  // What the handle does must not wait for a slave that is down.
  synchronous_commit: 'local',
  exit_on_error: 'off',
  standard_conforming_strings: 'on',
  datestyle: 'ISO',
  extra_float_digits: '1',
  // People who log statements want to read those of their tests.
  log_statement: 'none',
  log_duration: 'off',
  log_min_duration_statement: '-1',
  log_disconnections: 'off',
};

/**
 * Does the same for newer settings. It is sent after the login, since older servers refuse them.
 */
export const laterOwnBackendSettings =
  `SELECT set_config(name, '0', false) ` +
  `FROM unnest(ARRAY['idle_session_timeout', 'transaction_timeout']) AS name ` +
  `WHERE current_setting(name, true) IS NOT NULL`;

/** The same as statements, one a line, for connections that a program such as psql opens. */
export const ownBackendSettingsSql = [
  ...Object.entries(ownBackendSettings)
    // Only a login can set this one.
    .filter(([name]) => name !== 'log_disconnections')
    .map(([name, value]) => `SET ${name} = '${value}';\n`),
  `${laterOwnBackendSettings};\n`,
].join('');
