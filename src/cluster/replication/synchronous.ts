import { type Deadline, poll } from '../../base/deadline';
import type { Cluster } from '../cluster';
import { synchronousStandbyNames } from '../confirmers';
import type { Node } from '../node/node';
import { changeSettings } from '../settings/alter-system';
import { walSenders } from './wal-senders';

/**
 * Makes commits wait for the slaves that they should wait for by today's roles. A master that does
 * not run is left to heal.
 *
 * @param joined a node that streams from the master now, and may be one of these slaves
 */
export async function settleSynchronous(
  cluster: Cluster,
  deadline: Deadline,
  joined?: Node,
): Promise<void> {
  const { master, synchronous } = cluster;
  if (synchronous === 0 || master.state !== 'running') return;
  const names = cluster.confirmersOf(master);
  const setting = synchronousStandbyNames(synchronous, names);
  if (!(await setSynchronousNames(master, setting, deadline))) return;
  await untilCounted(master, names, joined?.name, deadline);
}

/** Makes a slave wait for the right slaves once it is master. */
export async function prepareMaster(
  cluster: Cluster,
  node: Node,
  deadline: Deadline,
  joining?: Node,
): Promise<void> {
  const { synchronous } = cluster;
  if (synchronous === 0) return;
  const names = cluster.confirmersOf(node, (other) => other.isStandby || other === joining);
  await setSynchronousNames(node, synchronousStandbyNames(synchronous, names), deadline);
}

/** Resolves to whether the setting had another value. The node is master, or will be. */
async function setSynchronousNames(
  node: Node,
  names: string,
  deadline: Deadline,
): Promise<boolean> {
  const [row] = await node.sql<{ now: string }>(
    `SELECT current_setting('synchronous_standby_names') AS now`,
    [],
    deadline,
  );
  if (row?.now === names) return false;
  await changeSettings(node, { synchronous_standby_names: names }, deadline);
  return true;
}

/**
 * Resolves once the master counts each slave as it should, and the slave that has just joined those
 * that commits wait for has all that was committed without it.
 */
async function untilCounted(
  master: Node,
  names: readonly string[],
  joined: string | undefined,
  deadline: Deadline,
): Promise<void> {
  const [row] = await master.sql<{ lsn: string }>(
    'SELECT pg_current_wal_flush_lsn()::text AS lsn',
    [],
    deadline,
  );
  await poll({
    deadline,
    what: `${master.name} to count ${names.join(', ') || 'no slave'} as synchronous`,
    intervalMs: 3,
    look: async () => {
      const senders = await walSenders(master, deadline, row?.lsn);
      const wrong = senders.find(
        ({ slave, state, syncState, hasReceived }) =>
          state === 'streaming' &&
          ((syncState !== 'async') !== names.includes(slave) || (slave === joined && !hasReceived)),
      );
      return wrong
        ? {
            seen: `${wrong.slave} is ${wrong.syncState}${wrong.hasReceived ? '' : `, and lacks ${row?.lsn}`}`,
          }
        : { done: undefined };
    },
  });
}
