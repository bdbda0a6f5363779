import { readFileSync } from 'node:fs';
import { PgClusterError } from '../../../base/errors';
import type { Endpoint } from '../../../postgres/endpoint';

/** The error for a server that ended when it should have come up: its log says why. */
export function whyNotUp(o: {
  name: string;
  endpoint: Endpoint;
  /** The file with its log. */
  log: string;
  /** How it ended. */
  detail: string;
}): PgClusterError {
  const { name, endpoint } = o;
  const end = readFileSync(o.log, 'utf8').trimEnd().split('\n').slice(-25);
  const isTaken = end.some((line) => /could not bind .*address already in use/i.test(line));
  return isTaken
    ? new PgClusterError(
        'ERR_PG_CLUSTER_PORT_IN_USE',
        `port ${endpoint.port} on ${endpoint.host}, meant for ${name}, is in use by something else`,
      )
    : new PgClusterError(
        'ERR_PG_CLUSTER_ENGINE',
        `${name} did not come up: ${o.detail}; it said: ${end.slice(-5).join(' | ')}`,
      );
}
