import type { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import { commonEnd, endless } from '../../postgres/wal/wal-history';
import type { Node } from '../node/node';
import { isInRecovery } from '../replication/follow';
import { walPosition } from '../replication/wal-position';

/** How long a slave may take to tell how far it has come: it may have much left to replay. */
const lookMs = 10_000;

/** The slave that answers and has received most of what the master has written. */
export async function mostAdvanced(
  slaves: readonly Node[],
  master: Node,
  deadline: Deadline,
): Promise<Node> {
  const all = { history: master.history, lsn: endless };
  const problems: string[] = [];
  const found = await Promise.all(
    slaves.map(async (node) => {
      try {
        await node.requireRunning('take over', deadline);
        if (node.cutFrom !== undefined) throw new Error(`it is disconnected from ${node.cutFrom}`);
        if (!(await isInRecovery(node, deadline.atMost(2000)))) return undefined;
        const position = await walPosition(node, deadline.atMost(lookMs));
        return { node, has: commonEnd(position, all) };
      } catch (error) {
        problems.push(`${node.name}: ${messageOf(error)}`);
        return undefined;
      }
    }),
  );
  const candidates = found.filter((candidate) => candidate !== undefined);
  const [first, ...others] = candidates;
  if (!first) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `no slave can take over: ${problems.join('; ') || 'there is none'}`,
    );
  }
  return others.reduce((best, other) => (other.has > best.has ? other : best), first).node;
}
