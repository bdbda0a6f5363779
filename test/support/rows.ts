import { Client, type ClientConfig } from 'pg';

/** What a user sees over a connection of their own. */
export function rows(url: string, sql: string): Promise<Record<string, unknown>[]> {
  return rowsWith({ connectionString: url, connectionTimeoutMillis: 15_000 }, sql);
}

/** The same for a connection that is not as its URL says. */
export async function rowsWith(o: ClientConfig, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(o);
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A new connection gets no answer: the patience is the client's own, nothing is refused or closed. */
export async function expectToHang(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 700 });
  client.on('error', () => {});
  await expect(client.connect()).rejects.toThrow(/^timeout expired$/);
}
