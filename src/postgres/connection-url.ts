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
}): string {
  const credentials = `${encodeURIComponent(o.user)}:${encodeURIComponent(o.password)}`;
  const hosts = o.endpoints.map(({ host, port }) => `${host}:${port}`).join(',');
  const database = encodeURIComponent(o.database).replace(/%(2F|3A|40|26|3D|2B|24|2C|3B)/g, (hex) =>
    decodeURIComponent(hex),
  );
  const query =
    o.targetSessionAttrs === undefined
      ? ''
      : `?target_session_attrs=${encodeURIComponent(o.targetSessionAttrs)}`;
  return `postgres://${credentials}@${hosts}/${database}${query}`;
}
