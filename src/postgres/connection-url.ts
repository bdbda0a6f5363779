import type { Endpoint } from './endpoint';

/**
 * A connection URL with one or several hosts, which libpq and pg read alike.
 *
 * libpq decodes every percent escape in the path, but pg-connection-string uses decodeURI, which
 * leaves escapes of URL delimiters alone. So delimiters that are harmless in a path are not escaped
 * in the database's name.
 */
export function connectionUrl(o: {
  user: string;
  password: string;
  endpoints: readonly Endpoint[];
  database: string;
  targetSessionAttrs?: string | undefined;
  /** If it is given, clients verify who they talk to, by the authority in this file. */
  caFile?: string | undefined;
}): string {
  const credentials = `${encodeURIComponent(o.user)}:${encodeURIComponent(o.password)}`;
  const hosts = o.endpoints.map(({ host, port }) => `${host}:${port}`).join(',');
  const database = encodeURIComponent(o.database).replace(/%(2F|3A|40|26|3D|2B|24|2C|3B)/g, (hex) =>
    decodeURIComponent(hex),
  );
  const parameters = Object.entries({
    target_session_attrs: o.targetSessionAttrs,
    sslmode: o.caFile === undefined ? undefined : 'verify-full',
    sslrootcert: o.caFile,
  }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value).replaceAll('%2F', '/')}`],
  );
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  return `postgres://${credentials}@${hosts}/${database}${query}`;
}
