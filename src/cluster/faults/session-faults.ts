import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { Node } from '../node';
import { type Session, sessionColumns, untilEnded } from '../replication/sessions';
import { adminRole } from '../roles';
import { openClientEnds, untilClientsKnow } from './client-ends';
import { HeldConnections } from './held-connections';
import { awaken } from './preconditions';
import { changeSetting } from './server-setting';

const dropMs = 10_000;
const exhaustMs = 30_000;
const settingMs = 10_000;

/** Ends every session of a client; not those that slaves stream over, and not our own. */
export async function dropConnections(cluster: Cluster, node: Node): Promise<number> {
  let dropped = 0;
  await cluster.act('drop connections', node, async (tell) => {
    const deadline = Deadline.in(dropMs);
    await node.requireRunning('drop its connections', deadline);
    const { endpoint } = node.engineNode;
    const open = openClientEnds(endpoint);
    const sessions = await node.sql<Session>(
      `SELECT ${sessionColumns}, pg_terminate_backend(pid)
         FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> $1`,
      [adminRole],
      deadline,
    );
    await untilEnded(node, sessions, deadline);
    dropped = sessions.length;
    const blind = await untilClientsKnow(endpoint, open, dropped);
    if (blind > 0) tell({ detail: `${blind} clients cannot see it` });
    return dropped > 0;
  });
  return dropped;
}

const heldBy = new WeakMap<Node, HeldConnections>();

/** Takes every slot that is free, those reserved for superusers too; resolves to their number. */
export async function exhaustConnections(cluster: Cluster, node: Node): Promise<number> {
  let taken = 0;
  await cluster.act('exhaust connections', node, async () => {
    const before = heldBy.get(node);
    taken = before?.size ?? 0;
    if (before) return false;
    const deadline = Deadline.in(exhaustMs);
    await node.requireRunning('be run out of connections', deadline);
    const forget = () => {
      heldBy.delete(node);
      cluster.attached.delete(held);
      cluster.faults.remove(node.name, 'out of connections');
    };
    const held = await HeldConnections.take(node, deadline, forget);
    cluster.attached.add(held);
    heldBy.set(node, held);
    cluster.faults.add({
      node: node.name,
      kind: 'out of connections',
      undo: async (healDeadline) => {
        await node.inTurn(async () => {
          forget();
          held.close();
          if (await awaken(cluster, node, healDeadline)) await held.release(healDeadline);
        });
      },
      again: () => exhaustConnections(cluster, node),
    });
    taken = held.size;
    return true;
  });
  return taken;
}

/** Gives up the slots that `exhaustConnections` took. */
export function releaseConnections(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('release connections', node, async () => {
    const held = heldBy.get(node);
    if (!held) return false;
    const deadline = Deadline.in(dropMs);
    await node.requireRunning('release its connections', deadline);
    await held.release(deadline);
    heldBy.delete(node);
    cluster.attached.delete(held);
    cluster.faults.remove(node.name, 'out of connections');
    return true;
  });
}

/** Makes new transactions on the master read-only, or ends that. */
export function readOnly(cluster: Cluster, node: Node, on: boolean): Promise<void> {
  return cluster.act(`read-only ${on ? 'on' : 'off'}`, node, async () => {
    if (node !== cluster.master) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${node.name} cannot be made read-only or not: it is a slave, which is read-only anyway; the master is ${cluster.master.name}`,
      );
    }
    const deadline = Deadline.in(settingMs);
    await node.requireRunning('be made read-only or not', deadline);
    return changeSetting(cluster, node, {
      name: 'default_transaction_read_only',
      unset: 'off',
      value: on ? 'on' : 'off',
      kind: 'read-only',
      again: () => readOnly(cluster, node, on),
      deadline,
    });
  });
}
