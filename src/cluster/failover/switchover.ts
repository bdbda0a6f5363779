import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { untilReplayed } from '../replication/catch-up';
import { isReplayPaused } from '../replication/replay-pause';
import { ensureSlot } from '../replication/slots';
import { whileSlavesReplay } from '../replication/stand-still';
import { settleSynchronous } from '../replication/synchronous';
import { walSenders } from '../replication/wal-senders';
import { slaveConf } from '../settings/node-conf';
import { makeMaster, refuseMaster } from './make-master';
import { mostAdvanced } from './most-advanced';
import { repointSlaves, untilAllStream } from './repoint-slaves';

const switchoverMs = 60_000;
const catchUpMs = 15_000;

/** Changes the master as planned: nothing is lost, and the former master becomes a slave. */
export async function switchover(
  cluster: Cluster,
  o: { to?: Node | undefined } = {},
): Promise<Node> {
  let chosen = cluster.master;
  await cluster.change('switchover', async (tell) => {
    const former = cluster.master;
    if (o.to) refuseMaster(cluster, o.to, 'the target of a switchover', 'choose a slave');
    await former.requireRunning('hand over');
    if (former.cutFrom !== undefined) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${former.name} cannot hand over: it is disconnected from ${former.cutFrom}; reconnect() it first`,
      );
    }
    const deadline = Deadline.in(switchoverMs);
    const streaming = await requireStreaming(cluster, former, deadline);
    if (streaming.length === 0 && !o.to) {
      const slaves = cluster.slaves.map(({ name, state }) => `${name} is ${state}`);
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${former.name} cannot hand over: no slave streams from it now (${slaves.join(', ') || 'there is none'}); ${slaves.length > 0 ? 'heal() first' : 'addSlave() first'}`,
      );
    }
    chosen = o.to ?? (await mostAdvanced(streaming, former, deadline));
    await chosen.requireRunning('take over');
    if (!streaming.includes(chosen)) {
      const { upstream } = chosen;
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        upstream && upstream !== former
          ? `${chosen.name} cannot take over: it streams from ${upstream.name}, not from ${former.name} (master); choose ${streaming.map(({ name }) => name).join(' or ')}`
          : `${chosen.name} cannot take over: it does not stream from ${former.name} (master); heal() or rejoin() it first`,
      );
    }
    await whileSlavesReplay(cluster, cluster.slaves, deadline, async () => {
      await requireReplaying(chosen, deadline);
      await untilReplayed(former, [chosen], deadline.atMost(catchUpMs));

      // A fast stop sends the rest of the WAL to every slave that streams, and waits until it is
      // there.
      await former.stop('fast');
      await makeMaster(cluster, chosen, former);
      const conf = slaveConf(cluster, former, chosen);
      await former.engineNode.setNextStart({ clone: undefined, conf }, deadline);
      former.follows(chosen);
      if (former.shape.slot) await ensureSlot(chosen, former.name, deadline);
      await former.start(deadline);
      const left = await repointSlaves(cluster, former, deadline);
      const others = streaming.filter((node) => node !== chosen);
      await untilAllStream(cluster, [former, ...others], left, deadline);
      await settleSynchronous(cluster, deadline);
    });
    tell({ detail: `${former.name} → ${chosen.name}` });
    return true;
  });
  return chosen;
}

/**
 * The slaves that stream from the master. All of them have to run: the master could not end while
 * one does not answer.
 */
async function requireStreaming(
  cluster: Cluster,
  master: Node,
  deadline: Deadline,
): Promise<Node[]> {
  const senders = await walSenders(master, deadline.atMost(2000));
  const streaming = cluster.slaves.filter((node) =>
    senders.some((row) => row.slave === node.name && row.state === 'streaming'),
  );
  for (const node of streaming) {
    await node.requireRunning('see the switchover', deadline);
    if (node.cutFrom === 'cluster' || node.cutFrom === 'all') {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${node.name} cannot see the switchover: it is disconnected from the cluster; reconnect() it first`,
      );
    }
  }
  return streaming;
}

/** A slave whose replay is paused would never catch up. */
async function requireReplaying(node: Node, deadline: Deadline): Promise<void> {
  if (!(await isReplayPaused(node, deadline))) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot take over: its replay is paused; resumeReplay() first`,
  );
}
