/**
 * What sessions of our own do not take from the server: users set whatever they like, in the option
 * `settings`, by ALTER SYSTEM, ALTER DATABASE and ALTER ROLE, and none of it may hinder the handle
 * or change what it reads. Each name is known to every version from 13 on.
 */
export const ownBackendSettings: Readonly<Record<string, string>> = {
  client_min_messages: 'error',
  default_transaction_read_only: 'off',
  // A slave refuses any query of a serializable transaction.
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
  // Who logs statements wants to read those of the test.
  log_statement: 'none',
  log_duration: 'off',
  log_min_duration_statement: '-1',
  log_disconnections: 'off',
};

/** The same for settings that came later: sent after the login, since older servers refuse them. */
export const laterOwnBackendSettings =
  `SELECT set_config(name, '0', false) ` +
  `FROM unnest(ARRAY['idle_session_timeout', 'transaction_timeout']) AS name ` +
  `WHERE current_setting(name, true) IS NOT NULL`;

/** As statements, one a line, for a session that a program opens. */
export const ownBackendSettingsSql = [
  ...Object.entries(ownBackendSettings)
    // This one can be set by a login only.
    .filter(([name]) => name !== 'log_disconnections')
    .map(([name, value]) => `SET ${name} = '${value}';\n`),
  `${laterOwnBackendSettings};\n`,
].join('');
