import type { Socket } from 'node:net';
import { type Client, Query } from 'pg';

/** Runs a statement whose bytes go to the server as they are: node-postgres takes text alone. */
export function queryBytes(client: Client, sql: Buffer): Promise<void> {
  const query = new Query(sql.toString('latin1'));
  // "Message Formats" in the manual: Query (F).
  const head = Buffer.alloc(5);
  head.write('Q');
  head.writeInt32BE(4 + sql.length + 1, 1);
  query.submit = (connection) => {
    const { stream } = connection as unknown as { stream: Socket };
    stream.write(Buffer.concat([head, sql, Buffer.alloc(1)]));
  };
  return new Promise((resolve, reject) => {
    query.on('end', () => resolve());
    query.on('error', reject);
    client.query(query);
  });
}
