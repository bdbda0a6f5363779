import { Deadline, poll } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import { commonEnd, endless } from '../../postgres/wal-history';
import type { Cluster } from '../cluster';
import { requireRecovery } from '../faults/preconditions';
import { isReplayPaused } from '../faults/replay-faults';
import { endSetting } from '../faults/server-setting';
import type { Node } from '../node';
import { ensureSlot, isInRecovery } from '../replication/follow';
import { waitForCatchup, walSenders } from '../replication/streaming';
import { walPosition } from '../replication/wal-position';
import { turnOthers, untilAllStream } from './turn-others';

const promoteMs = 15_000;
const changeMs = 60_000;
/** How long a slave may take to tell how far it has come: it may have much that is not replayed. */
const lookMs = 10_000;

/** Makes a slave the master. The former master and the other slaves are left as they are. */
export async function promote(cluster: Cluster, node: Node): Promise<void> {
  await cluster.act('promote', node, async () => {
    refuseMaster(cluster, node, 'promoted', 'promote a slave, or fail over to one');
    await node.requireRunning('be promoted');
    await makeMaster(cluster, node);
    return true;
  });
}

/**
 * Promotes a slave in place of a master that is gone, by default the one that has received most,
 * and turns the other slaves that can be reached to it.
 */
export async function failover(
  cluster: Cluster,
  o: { to?: Node | undefined; force?: boolean | undefined } = {},
): Promise<Node> {
  let chosen = cluster.master;
  await cluster.change('failover', async (tell) => {
    const former = cluster.master;
    if (o.to) refuseMaster(cluster, o.to, 'the target of a failover', 'choose a slave');
    const { state, detail } = await former.observe();
    if ((state === 'running' || state === 'paused') && !o.force) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${former.name} (master) is not gone: ${detail}. A second master beside it would split the cluster: kill or stop it first, or use switchover(), or failover({ force: true }) to see what a split brain does`,
      );
    }
    const deadline = Deadline.in(changeMs);
    chosen = o.to ?? (await mostAdvanced(cluster.slaves, former, deadline));
    await chosen.requireRunning('take over');
    await makeMaster(cluster, chosen);
    const left = await turnOthers(cluster, former, deadline);
    await cluster.settleSynchronous(deadline);
    tell({
      detail: `${former.name} → ${chosen.name}${left.size > 0 ? `; not turned: ${[...left.keys()].join(', ')}` : ''}`,
    });
    return true;
  });
  return chosen;
}

/** Changes the master in good order: nothing is lost, and the former master becomes a slave. */
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
    const deadline = Deadline.in(changeMs);
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
    await requireReplaying(chosen, deadline);
    await waitForCatchup(former, [chosen], deadline.atMost(promoteMs));

    // A fast stop sends the rest of the WAL to every slave that streams, and waits until it is there.
    await former.stop('fast');
    await makeMaster(cluster, chosen, former);
    const conf = cluster.confOf(former, chosen);
    await former.engineNode.setNextStart({ clone: undefined, conf }, deadline);
    former.isStandby = true;
    if (former.shape.slot) await ensureSlot(chosen, former.name, deadline);
    former.upstream = chosen;
    await former.start(deadline);
    const left = await turnOthers(cluster, former, deadline);
    const others = streaming.filter((node) => node !== chosen);
    await untilAllStream(cluster, [former, ...others], left, deadline);
    await cluster.settleSynchronous(deadline);
    tell({ detail: `${former.name} → ${chosen.name}` });
    return true;
  });
  return chosen;
}

/**
 * Promotes a server and makes it the master of the cluster.
 * @param joining the former master, if it is to be a slave at once
 */
async function makeMaster(cluster: Cluster, node: Node, joining?: Node): Promise<void> {
  const deadline = Deadline.in(promoteMs);
  await requireRecovery(cluster, node, 'be promoted', deadline);
  // A promotion waits for no delay, and a master has nothing to delay.
  await endSetting(cluster, node, 'replay delayed', deadline);
  // Before: its first commit has to wait for the right ones.
  await cluster.prepareMaster(node, deadline, joining);
  await node.sql('SELECT pg_promote(false)', [], deadline);
  await poll({
    deadline,
    what: `${node.name} to end its recovery`,
    intervalMs: 5,
    look: async () =>
      (await isInRecovery(node, deadline)) ? { seen: 'it is in recovery' } : { done: undefined },
  });
  // A promotion lets replay go on.
  cluster.faults.remove(node.name, 'replay paused');
  cluster.setMaster(node, (await walPosition(node, deadline)).history);
}

/** The slave that answers and has received most of what the master has written. */
async function mostAdvanced(
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

/**
 * The slaves that stream from the master. All have to run: one that does not answer would keep the
 * master from ending.
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

/** One that is not would never catch up. */
async function requireReplaying(node: Node, deadline: Deadline): Promise<void> {
  if (!(await isReplayPaused(node, deadline))) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot take over: its replay is paused; resumeReplay() first`,
  );
}

function refuseMaster(cluster: Cluster, node: Node, what: string, help: string): void {
  cluster.assertMember(node);
  if (node !== cluster.master) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot be ${what}: it is the master; ${help}`,
  );
}
