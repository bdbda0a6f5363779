import { Client } from 'pg';
import type { PgNode } from '../../../src/handle/pg-node';
import type { Confirmed } from './confirmed-writes';

/** What a write may end with: the node is read-only, or nobody is there. */
export const writeFailures = /^(57P0\d|53300|25006|ECONNREFUSED|ECONNRESET|EPIPE|ERR_WRITE_\w+)$/;

export const outOfTime = new Error('no answer in time');

/** Writes as a client does; resolves to the synchronous names under which that was acknowledged. */
export async function insert(url: string, write: number, timeoutMs: number): Promise<string> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  let timer: NodeJS.Timeout | undefined;
  try {
    const [row] = await Promise.race([
      (async () => {
        await client.connect();
        await client.query('INSERT INTO writes VALUES ($1)', [write]);
        const shownNames = await client.query('SHOW synchronous_standby_names');
        return shownNames.rows as { synchronous_standby_names: string }[];
      })(),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(outOfTime), timeoutMs);
      }),
    ]);
    return row?.synchronous_standby_names ?? '';
  } finally {
    clearTimeout(timer);
    // A server that hangs would not answer a goodbye.
    (
      client as unknown as { connection: { stream: { destroy(): void } } }
    ).connection.stream.destroy();
  }
}

/** Of `ANY 2 (pg1, pg2)`; of nothing, nobody. */
export function confirmers(setting: string): Confirmed {
  const [, atLeast, names] = /^ANY (\d+) \((.+)\)$/.exec(setting) ?? [];
  return { names: names?.split(', ') ?? [], atLeast: Number(atLeast ?? 0) };
}

/** The writes that a node shows. */
export async function shown(node: PgNode): Promise<ReadonlySet<number>> {
  const found = await node.query<{ n: number }>('SELECT n FROM writes ORDER BY n');
  return new Set(found.map(({ n }) => n));
}
