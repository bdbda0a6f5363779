import type { Deadline } from '../../base/deadline';
import { codeOf, PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import { describeLoss, makeFollow, upstreamFor } from '../failover/rejoin';
import type { Fault } from '../fault-book';
import type { Node } from '../node/node';
import { isInRecovery } from '../replication/follow';
import { restartStreams } from '../replication/restart-streams';
import { waitUntilStreaming } from '../replication/streaming';
import { settleSynchronous } from '../replication/synchronous';

/** How long a server that runs may take to answer, before it is killed and started. */
const patienceMs = 5_000;
/** How long slaves may take to stream before their connections are made anew. */
const quickMs = 3_000;
/** How long they may then take before all is looked at again. */
const streamMs = 15_000;

/** Makes every node without a fault run, and stream from the upstream that it should follow. */
export async function revive(
  cluster: Cluster,
  faults: readonly Fault[],
  deadline: Deadline,
): Promise<string[]> {
  const done: string[] = [];
  const { master } = cluster;
  const kept = cluster.faults.all.filter((fault) => !faults.includes(fault));
  const isFree = (node: Node) => !kept.some((fault) => fault.node === node.name);
  // Their end has been reported already.
  const ended = new Set(faults.filter((fault) => !fault.undo).map((fault) => fault.node));
  if (!isFree(master)) {
    for (const node of cluster.slaves.filter(isFree)) {
      const found = (await answers(node, deadline)) ? [] : await bringBack(node, deadline);
      if (!ended.has(node.name)) done.push(...found);
    }
    return done;
  }
  done.push(...(await reviveMaster(master, ended, deadline)));
  for (const node of byDistance(cluster).filter(isFree)) {
    done.push(...(await reviveSlave(cluster, node, ended, deadline)));
  }
  const following = cluster.following.filter(
    ({ slave, upstream }) => isFree(slave) && isFree(upstream),
  );
  await settleSynchronous(cluster, deadline);
  const synchronous = kept.length === 0 ? cluster.confirming : 0;
  const stream = (ms: number) =>
    waitUntilStreaming({ master, following, synchronous, deadline: deadline.atMost(ms) });
  try {
    await stream(quickMs);
  } catch (error) {
    if (codeOf(error) !== 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    // A receiver whose upstream vanished silently believes for a minute that it streams.
    for (const { slave } of following) await restartStreams(cluster, slave);
    await stream(streamMs);
  }
  return done;
}

async function reviveMaster(
  master: Node,
  ended: ReadonlySet<string>,
  deadline: Deadline,
): Promise<string[]> {
  if (await answers(master, deadline)) return [];
  const found = await bringBack(master, deadline);
  if (await isInRecovery(master, deadline)) {
    throw new Error(`${master.name} is the master, but came up as a slave`);
  }
  return ended.has(master.name) ? [] : found;
}

/** A slave that streams as it should costs one query. */
async function reviveSlave(
  cluster: Cluster,
  node: Node,
  ended: ReadonlySet<string>,
  deadline: Deadline,
): Promise<string[]> {
  const found: string[] = [];
  if (!(await answers(node, deadline))) {
    const { state, detail } = await node.observe(deadline);
    if (state === 'gone') throw lost(node, detail);
    if (state !== 'stopped') found.push(...(await bringBack(node, deadline)));
    if (state === 'stopped' && !ended.has(node.name)) {
      found.push(`${node.name} had ended (${detail})`);
    }
  } else if (await follows(cluster, node, deadline)) {
    return found;
  }
  const rejoined = await makeFollow(cluster, node, deadline);
  if (rejoined.how === 'rebuilt') found.push(`${node.name} ${describeLoss(rejoined.lostBytes)}`);
  if (rejoined.how === 'repointed') found.push(`${node.name} followed another node`);
  return found;
}

async function answers(node: Node, deadline: Deadline): Promise<boolean> {
  try {
    await node.sql('SELECT 1', [], deadline.atMost(1000));
    return true;
  } catch {
    return false;
  }
}

/** Whether it streams from the node that it should follow. */
async function follows(cluster: Cluster, node: Node, deadline: Deadline): Promise<boolean> {
  const upstream = await upstreamFor(cluster, node, deadline);
  if (node.upstream !== upstream) return false;
  const { host, port } = cluster.addressOf(upstream);
  const [row] = await node.sql<{ follows: boolean }>(
    `SELECT pg_is_in_recovery() AND status = 'streaming' AND sender_host = $1 AND sender_port = $2
              AS follows FROM pg_stat_wal_receiver`,
    [host, port],
    deadline.atMost(1000),
  );
  return row?.follows ?? false;
}

/** Makes a node answer that was paused or ended from outside of the handle. */
async function bringBack(node: Node, deadline: Deadline): Promise<string[]> {
  const { state, detail } = await node.observe(deadline);
  switch (state) {
    case 'running':
      try {
        await node.waitUntilAnswering(deadline.atMost(patienceMs));
        return [];
      } catch {
        // It may just have ended, or be waiting for a client before it shuts down.
        await node.kill();
        await node.start(deadline);
        return [`${node.name} ran, but did not answer`];
      }
    case 'paused':
      await node.unpause(deadline);
      return [`${node.name} had been paused from outside`];
    case 'stopped':
      await node.start(deadline);
      return [`${node.name} had ended (${detail})`];
    case 'gone':
      throw lost(node, detail);
  }
}

/** Nothing can bring it back. */
function lost(node: Node, detail: string): PgClusterError {
  return new PgClusterError('ERR_PG_CLUSTER_HEAL', `${node.name} is lost: ${detail}`);
}

/** The slaves nearest to the master first: a slave needs its upstream to run. */
function byDistance(cluster: Cluster): Node[] {
  const distance = (node: Node): number => {
    let steps = 0;
    for (let at = node.upstream; at && steps < cluster.nodes.length; at = at.upstream) steps += 1;
    return steps;
  };
  return [...cluster.slaves].sort((a, b) => distance(a) - distance(b));
}
