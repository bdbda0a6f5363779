import { readFileSync } from 'node:fs';
import { Client, type ClientConfig } from 'pg';
import type { PgCluster } from '../../src/handle/pg-cluster';

/** The same URL without what says that clients verify the server. */
export function plainUrl(url: string): string {
  const plain = new URL(url);
  plain.search = '';
  return plain.href;
}

/** What clients need that do not read it from the URL. */
export const caOf = ({ caFile }: PgCluster) => readFileSync(caFile ?? 'none', 'utf8');

/** What a connection is like for its server. */
export const howEncrypted = 'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
export const isEncrypted = [{ ssl: true, version: 'TLSv1.3' }];
export const isPlain = [{ ssl: false, version: null }];

/** A client, and how its connection ended. */
export async function connected(o: ClientConfig) {
  const client = new Client(o);
  const lost = new Promise<Error>((resolve) => client.on('error', resolve));
  await client.connect();
  return Object.assign(client, { lost });
}
