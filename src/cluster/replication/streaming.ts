import { type Deadline, type Observation, poll } from '../../base/deadline';
import { messageOf } from '../../base/errors';
import type { Lsn } from '../../postgres/wal/lsn';
import type { Node } from '../node/node';
import type { Following } from '../topology';
import { heldBackBy, replayed } from './replay';
import { walSenders } from './wal-senders';

/**
 * Waits until the cluster is whole: the master answers, every slave streams from its upstream and
 * has replayed past a position that the master had written before, and as many slaves as asked
 * confirm commits. A slave that replays late on purpose has to have received that position.
 */
export async function waitUntilStreaming(o: {
  master: Node;
  following: readonly Following[];
  synchronous: number;
  deadline: Deadline;
}): Promise<void> {
  const { master, following, deadline } = o;
  const target = await writtenLsn(master, deadline.atMost(5000));
  const who = following.map(({ slave, upstream }) => `${slave.name} from ${upstream.name}`);
  await poll({
    deadline,
    what: `slaves to stream (${who.join(', ')}) and replay ${target} of ${master.name}`,
    intervalMs: 5,
    look: () => lookAtStreaming({ ...o, target }),
  });
}

async function lookAtStreaming(o: {
  master: Node;
  following: readonly Following[];
  synchronous: number;
  deadline: Deadline;
  target: Lsn;
}): Promise<Observation<undefined>> {
  const soon = o.deadline.atMost(2000);
  const upstreams = [...new Set([o.master, ...o.following.map(({ upstream }) => upstream)])];
  const senders = new Map(
    await Promise.all(
      upstreams.map(
        async (node) =>
          [node, await walSenders(node, soon).catch((error: unknown) => messageOf(error))] as const,
      ),
    ),
  );
  const behind = await Promise.all(
    o.following.map(async ({ slave, upstream }) => {
      const rows = senders.get(upstream) ?? [];
      if (typeof rows === 'string') return `${upstream.name}: ${rows}`;
      const sender = rows.find((row) => row.slave === slave.name);
      if (sender?.state !== 'streaming') {
        return `${slave.name} is ${sender ? `in state ${sender.state}` : `not connected to ${upstream.name}`}`;
      }
      try {
        const replay = await replayed(slave, o.target, soon);
        const { lsn, reached, received, receives } = replay;
        // An upstream believes that a lost slave streams until it finds out.
        if (!receives) return `${slave.name} does not receive`;
        const isLate = heldBackBy(replay) !== '';
        return reached || (isLate && received) ? '' : `${slave.name} has replayed ${lsn}`;
      } catch (error) {
        return `${slave.name}: ${messageOf(error)}`;
      }
    }),
  );
  const missing = behind.filter((text) => text !== '');
  const atMaster = senders.get(o.master) ?? [];
  if (typeof atMaster === 'string') missing.unshift(`${o.master.name}: ${atMaster}`);
  if (missing.length > 0 || typeof atMaster === 'string') return { seen: missing.join('; ') };

  const confirming = atMaster.filter((row) => /^(sync|quorum)$/.test(row.syncState)).length;
  return confirming >= o.synchronous
    ? { done: undefined }
    : { seen: `${confirming} of ${o.synchronous} synchronous slaves confirm commits` };
}

/** How far the master has written. */
async function writtenLsn(master: Node, deadline: Deadline): Promise<Lsn> {
  const [row] = await master.sql<{ lsn: Lsn }>(
    'SELECT pg_current_wal_lsn()::text AS lsn',
    [],
    deadline,
  );
  return row?.lsn ?? '0/0';
}
