import type { Endpoint } from './endpoint';

/**
 * A connection URL over one or several hosts, for libpq and for pg alike.
 *
 * libpq undoes every percent escape in the path, pg-connection-string leaves those of URL
 * delimiters as they are (it uses decodeURI). So delimiters that are harmless in a path stay
 * bare in the database's name.
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
