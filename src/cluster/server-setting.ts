import { escapeIdentifier, escapeLiteral } from 'pg';
import { type Deadline, poll } from '../deadline';
import type { Cluster } from './cluster';
import type { Fault } from './faults';
import type { Node } from './node';
import { awaken } from './preconditions';

/** What the server's files say of a setting. */
interface Written {
  readonly value: string;
  /** Whether ALTER SYSTEM, or the node's birth, wrote it: then RESET would not bring it back. */
  readonly inAutoConf: boolean;
}

type Undo = NonNullable<Fault['undo']>;

/** What settings were before a fault changed them. */
const originals = new WeakMap<Undo, Written>();

/**
 * Changes a setting of a running server as a fault that heal undoes; resolves to false if it has
 * that value already. What the setting was before ends the fault.
 */
export async function changeSetting(
  cluster: Cluster,
  node: Node,
  o: {
    readonly name: string;
    readonly unset: string;
    readonly value: string;
    readonly kind: Fault['kind'];
    readonly again: () => Promise<void>;
    readonly deadline: Deadline;
  },
): Promise<boolean> {
  const { name, value, kind, again, deadline } = o;
  const now = await written(node, name, o.unset, deadline);
  if (now.value === value) return false;

  const fault = cluster.faults.all.find((found) => found.node === node.name && found.kind === kind);
  const original = (fault?.undo && originals.get(fault.undo)) ?? now;
  if (value === original.value) {
    await restore(node, name, original, deadline);
    cluster.faults.remove(node.name, kind);
    return true;
  }
  const undo: Undo = (healDeadline) =>
    node.inTurn(async () => {
      if (await awaken(cluster, node, healDeadline))
        await restore(node, name, original, healDeadline);
    });
  originals.set(undo, original);
  // Registered first: a change that was made, but not seen in time, has to be undone as well.
  cluster.faults.add({ node: node.name, kind, undo, again, outlivesServer: true });
  await change(node, `SET ${escapeIdentifier(name)} = ${escapeLiteral(value)}`, deadline);
  return true;
}

async function restore(node: Node, name: string, to: Written, deadline: Deadline): Promise<void> {
  const statement = to.inAutoConf
    ? `SET ${escapeIdentifier(name)} = ${escapeLiteral(to.value)}`
    : `RESET ${escapeIdentifier(name)}`;
  await change(node, statement, deadline);
}

/** In the files, since a session of ours may have a value of its own. The last mention counts. */
async function written(
  node: Node,
  name: string,
  unset: string,
  deadline: Deadline,
): Promise<Written> {
  const [row] = await node.sql<Written>(
    `SELECT setting AS value, sourcefile LIKE '%postgresql.auto.conf' AS "inAutoConf"
       FROM pg_file_settings WHERE name = $1 AND error IS NULL ORDER BY seqno DESC LIMIT 1`,
    [name],
    deadline,
  );
  return row ?? { value: unset, inAutoConf: false };
}

/**
 * Resolves once the server has read its files again. The postmaster reads them before it tells
 * its children to, so when one of ours has, every session that begins from now on has the value,
 * and every older one takes it before its next statement.
 */
async function change(node: Node, statement: string, deadline: Deadline): Promise<void> {
  const [before] = await node.sql<{ at: string }>(
    'SELECT pg_conf_load_time()::text AS at',
    [],
    deadline,
  );
  await node.sql(`ALTER SYSTEM ${statement}`, [], deadline);
  await node.sql('SELECT pg_reload_conf()', [], deadline);
  await poll({
    deadline,
    what: `${node.name} to read its settings again`,
    intervalMs: 2,
    look: async () => {
      const [row] = await node.sql<{ reread: boolean }>(
        'SELECT pg_conf_load_time() > $1::timestamptz AS reread',
        [before?.at],
        deadline,
      );
      return row?.reread ? { done: undefined } : { seen: `those of ${before?.at}` };
    },
  });
}
