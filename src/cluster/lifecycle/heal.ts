import { Deadline, formatMs, poll, seenAs } from '../../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { Fault } from '../fault-book';
import { dropUnusedSlots } from '../replication/slots';
import { revive } from './revive';
import { refuseUnhealable } from './unhealable';

const healMs = 60_000;
/** How long the undo of one fault may take before it is tried again later. */
const undoMs = 10_000;
/** How long an engine may fail before heal gives up: it may just be restarting. */
const engineMs = 10_000;
/**
 * How long healing may fail before the servers' logs are asked why, and how often they are then.
 */
const askMs = 2_000;
/** After these trying again is of no use. */
const final = ['ERR_PG_CLUSTER_HEAL', 'ERR_PG_CLUSTER_LIMIT'];

/** What was left by a test or block, and has been undone. */
export interface Healed {
  /** A few words for each thing that had to be done; empty if the cluster was whole. */
  readonly what: readonly string[];
  readonly ms: number;
}

/**
 * Undoes `faults`, by default all of them. Then makes every node without a fault run and stream
 * from today's master, whose data are kept.
 *
 * @throws `ERR_PG_CLUSTER_HEAL` as soon as a server logs a problem that will not pass by itself;
 * `ERR_PG_CLUSTER_LIMIT` when a node took more than it may
 */
export async function heal(
  cluster: Cluster,
  faults: readonly Fault[] = cluster.faults.all,
): Promise<Healed> {
  const startedAt = performance.now();
  let what: readonly string[] = [];
  await cluster.change('heal', async (tell) => {
    what = await makeWhole(cluster, faults);
    // It runs after every test. Events that changed nothing would bury the others.
    tell(what.length === 0 ? { forget: true } : { detail: what.join(', ') });
    return true;
  });
  return { what, ms: performance.now() - startedAt };
}

/** `pg1 was paused (healed in 85 ms)`. */
export function formatHealed({ what, ms }: Healed): string {
  return `${what.join(', ')} (healed in ${formatMs(ms)})`;
}

async function makeWhole(cluster: Cluster, faults: readonly Fault[]): Promise<string[]> {
  refuseWithoutWire(cluster);
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
      // Starts again when something else breaks meanwhile: a server that was told to stop long ago
      // and does so only now, say.
      look: async () => {
        try {
          const failures = await undoFaults(faults, undone, done, deadline);
          done.push(...(await revive(cluster, faults, deadline)));
          if (failures.length > 0) throw failures[0];
          if (await cluster.pendingRemovals.tryAgain(deadline.atMost(undoMs))) {
            done.push('a slave that could not be removed before was removed');
          }
          await dropUnusedSlots(cluster);
          return { done: undefined };
        } catch (error) {
          const seen = tryAgain(error);
          if (performance.now() - askedAt > askMs) {
            await refuseUnhealable(cluster.nodes);
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

/** @throws `ERR_PG_CLUSTER_HEAL` if the wire's process has ended, since nobody can connect then */
function refuseWithoutWire({ nodes }: Cluster): void {
  const lost = nodes.find(({ wired }) => wired?.front.hasEnded);
  if (!lost) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_HEAL',
    `nobody can connect to ${lost.name}: the process of the wire in front of the nodes has ended, and with it every connection. pgCluster.reset() or restore() starts another one`,
  );
}

/**
 * The last fault first: what was done to a frozen node cannot be undone before it is thawed. A
 * failure must not stop the others, whose nodes this one may need. Resolves to the failures.
 */
async function undoFaults(
  faults: readonly Fault[],
  undone: Set<Fault>,
  done: string[],
  deadline: Deadline,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const fault of [...faults].reverse()) {
    if (undone.has(fault)) continue;
    try {
      const told = fault.left?.() ?? `${fault.node} was ${fault.kind}`;
      await fault.undo?.(deadline.atMost(undoMs));
      undone.add(fault);
      done.push(told);
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}

/** Turns failures into observations, until trying again is of no use: then it throws. */
function unlessEngineIsGone(): (failure: unknown) => { seen: string } {
  let failsSince: number | undefined;
  return (failure) => {
    const now = performance.now();
    if (final.includes(codeOf(failure) ?? '')) throw failure;
    failsSince = codeOf(failure) === 'ERR_PG_CLUSTER_ENGINE' ? (failsSince ?? now) : undefined;
    if (failsSince !== undefined && now - failsSince > engineMs) throw failure;
    return seenAs(failure);
  };
}
