import { Deadline, poll } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';

/** Drops a slot that nobody needs any more: now, or when heal can. */
export async function dropUnusedSlot(
  cluster: Cluster,
  upstream: Node,
  name: string,
): Promise<void> {
  cluster.pendingRemovals.addSlot({ upstream, name });
  await dropUnusedSlots(cluster);
}

/** Drops the slots that could not be dropped before. */
export async function dropUnusedSlots(cluster: Cluster): Promise<void> {
  const { pendingRemovals } = cluster;
  for (const slot of pendingRemovals.slots) {
    if (await dropSlot(slot.upstream, slot.name)) pendingRemovals.slotDropped(slot);
  }
}

/** Makes a physical slot for a slave, if there is none yet. It keeps WAL from now on. */
export async function ensureSlot(upstream: Node, name: string, deadline: Deadline): Promise<void> {
  await upstream.sql(
    `SELECT pg_create_physical_replication_slot($1, true)
      WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`,
    [name],
    deadline,
  );
}

/**
 * Drops a slot, if that is possible now: a slot that stays keeps WAL, but breaks nothing. Resolves
 * to whether it is gone.
 */
export async function dropSlot(upstream: Node, name: string): Promise<boolean> {
  if (upstream.state !== 'running') return false;
  const deadline = Deadline.in(2000);
  return poll({
    deadline,
    what: `the slot ${name} to be free`,
    intervalMs: 20,
    look: async () => {
      const [row] = await upstream.sql<{ active: boolean }>(
        `SELECT active FROM pg_replication_slots WHERE slot_name = $1`,
        [name],
        deadline,
      );
      if (!row) return { done: true };
      if (row.active) return { seen: 'it is in use' };
      await upstream.sql('SELECT pg_drop_replication_slot($1)', [name], deadline);
      return { done: true };
    },
  }).catch(() => false);
}
