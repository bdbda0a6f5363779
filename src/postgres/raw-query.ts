import type { Socket } from 'node:net';
import type { Client } from 'pg';
import { pg } from './driver';

/** Runs a statement and sends its bytes as they are. node-postgres itself takes only text. */
export function queryBytes(client: Client, sql: Buffer): Promise<void> {
  const query = new (pg().Query)(sql.toString('latin1'));
  // Query (F) in the manual's "Message Formats".
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
