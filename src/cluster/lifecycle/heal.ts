import { Deadline, poll, seenAs } from '../../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import { describeLoss, makeFollow, upstreamFor } from '../failover/rejoin';
import type { Fault } from '../fault-book';
import type { Node } from '../node';
import { isInRecovery } from '../replication/follow';
import { renewLinks } from '../replication/renew-links';
import { waitUntilStreaming } from '../replication/streaming';
import { refuseHopeless } from './hopeless';

const healMs = 60_000;
/** How long a server that runs may take to answer, before it is killed and started. */
const patienceMs = 5_000;
/** How long the undo of one fault may take, before it is tried again later. */
const undoMs = 10_000;
/** How long an engine may fail before there is no use to go on: it may just be being restarted. */
const engineMs = 10_000;
/** How long it may fail before the servers' logs are asked why, and how often they are then. */
const askMs = 2_000;
/** With these there is no use to try again. */
const hopeless = ['ERR_PG_CLUSTER_HEAL', 'ERR_PG_CLUSTER_LIMIT'];
/** How long slaves may take to stream before their connections are renewed. */
const quickMs = 3_000;
/** How long they may then take before all is looked at again. */
const streamMs = 15_000;

/**
 * Undoes `faults`, then sees to it that every node that no fault is left on runs, and that all
 * others stream from today's master, whose data are kept.
 *
 * Resolves to what had to be done, a few words each; empty if the cluster was whole.
 *
 * @throws `ERR_PG_CLUSTER_HEAL` as soon as a server has said what will not pass by itself; `ERR_PG_CLUSTER_LIMIT` when a node took more than it may
 */
export async function heal(cluster: Cluster, faults: readonly Fault[]): Promise<string[]> {
  const deadline = Deadline.in(healMs);
  const done: string[] = [];
  const undone = new Set<Fault>();
  const { master } = cluster;
  const tryAgain = unlessEngineIsGone();
  let askedAt = performance.now();
  try {
    await poll({
      deadline,
      what: 'the cluster to be whole',
      intervalMs: 50,
      // Again from the start when something gives way meanwhile: a server that was told to stop
      // long ago and only now does, say.
      look: async () => {
        try {
          // Last first: what was done to a frozen node cannot be undone before it is thawed. One
          // that fails must not keep the others: its node may need them.
          const failures: unknown[] = [];
          for (const fault of [...faults].reverse()) {
            if (undone.has(fault)) continue;
            try {
              await fault.undo?.(deadline.atMost(undoMs));
              undone.add(fault);
              done.push(`${fault.node} was ${fault.kind}`);
            } catch (error) {
              failures.push(error);
            }
          }
          done.push(...(await converge(cluster, faults, deadline)));
          if (failures.length > 0) throw failures[0];
          if (await cluster.leftovers.tryAgain(deadline.atMost(undoMs))) {
            done.push('a slave that could not be removed before was removed');
          }
          await cluster.leftovers.dropSlots();
          return { done: undefined };
        } catch (error) {
          const seen = tryAgain(error);
          if (performance.now() - askedAt > askMs) {
            await refuseHopeless(cluster.nodes);
            askedAt = performance.now();
          }
          return seen;
        }
      },
    });
    for (const fault of faults) cluster.faults.remove(fault.node, fault.kind);
    return done;
  } catch (error) {
    if (codeOf(error) === 'ERR_PG_CLUSTER_LIMIT') throw error;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_HEAL',
      `the cluster could not be healed: ${messageOf(error)}. ${done.length > 0 ? `Before that: ${done.join(', ')}. ` : ''}The nodes' logs say more: await pgCluster.node('${master.name}').logs()`,
      { cause: error },
    );
  }
}

/** Takes failures for something seen, until there is no use in trying again: then it throws. */
function unlessEngineIsGone(): (failure: unknown) => { seen: string } {
  let failsSince: number | undefined;
  return (failure) => {
    const now = performance.now();
    if (hopeless.includes(codeOf(failure) ?? '')) throw failure;
    failsSince = codeOf(failure) === 'ERR_PG_CLUSTER_ENGINE' ? (failsSince ?? now) : undefined;
    if (failsSince !== undefined && now - failsSince > engineMs) throw failure;
    return seenAs(failure);
  };
}

/** Gets every node that no fault is kept on to run, and to stream from where it should. */
async function converge(
  cluster: Cluster,
  faults: readonly Fault[],
  deadline: Deadline,
): Promise<string[]> {
  const done: string[] = [];
  const { master } = cluster;
  const kept = cluster.faults.all.filter((fault) => !faults.includes(fault));
  const isFree = (node: Node) => !kept.some((fault) => fault.node === node.name);
  // That these have ended has been said.
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
  await cluster.settleSynchronous(deadline);
  const synchronous = kept.length === 0 ? cluster.confirming : 0;
  const stream = (ms: number) =>
    waitUntilStreaming({ master, following, synchronous, deadline: deadline.atMost(ms) });
  try {
    await stream(quickMs);
  } catch (error) {
    if (codeOf(error) !== 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    // A receiver whose upstream went away without a word takes itself to stream, for a minute.
    for (const { slave } of following) await renewLinks(cluster, slave);
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

/** A slave that streams from where it should costs one query. */
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
  if (rejoined.how === 'turned') found.push(`${node.name} followed another node`);
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

/** Whether it streams, and from the node that it should. */
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

/** Gets a node to answer that something outside of the handle has paused or ended. */
async function bringBack(node: Node, deadline: Deadline): Promise<string[]> {
  const { state, detail } = await node.observe(deadline);
  switch (state) {
    case 'running':
      try {
        await node.waitUntilAnswering(deadline.atMost(patienceMs));
        return [];
      } catch {
        // It may have ended just now, or be shutting down for as long as a client stays.
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

/** Nothing can bring it back: no use to try again. */
function lost(node: Node, detail: string): PgClusterError {
  return new PgClusterError('ERR_PG_CLUSTER_HEAL', `${node.name} is lost: ${detail}`);
}

/** Slaves, those nearest to the master first: what streams from a slave needs that one before. */
function byDistance(cluster: Cluster): Node[] {
  const distance = (node: Node): number => {
    let steps = 0;
    for (let at = node.upstream; at && steps < cluster.nodes.length; at = at.upstream) steps += 1;
    return steps;
  };
  return [...cluster.slaves].sort((a, b) => distance(a) - distance(b));
}
