import { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { wholeNumber } from '../../../base/value-rules';
import type { CutFrom } from '../../../engine/network-state';
import type { Cluster } from '../../cluster';
import type { Node } from '../../node/node';
import { cutFrom } from '../network-faults';
import { requireFront } from '../preconditions';

/** How slow packets from and to a node become. What is left out stays as fast as it goes. */
export interface ThrottleOptions {
  /** Added to each round trip, in milliseconds: half of it on each way. */
  latencyMs?: number;
  /** How much more or less that may be, at random, in the same order each time. */
  jitterMs?: number;
  /** On each way, shared by all connections. */
  bytesPerSecond?: number;
  /** Whose packets. @default 'clients' */
  from?: 'clients' | 'cluster' | 'all';
}

const hourMs = 3_600_000;

export const throttleRules = {
  latencyMs: wholeNumber(0, hourMs),
  jitterMs: wholeNumber(0, hourMs),
  bytesPerSecond: wholeNumber(1, 1_000_000_000_000),
  from: cutFrom,
};

const slowed = 'slowed';
const faultMs = 10_000;

/** Slows packets from and to a node; the last call counts. */
export function throttle(cluster: Cluster, node: Node, o: ThrottleOptions): Promise<void> {
  return cluster.act('throttle', node, async (tell) => {
    const { latencyMs = 0, jitterMs = 0, bytesPerSecond = null, from = 'clients' } = o;
    tell({ detail: inWords(o) });
    const front = requireFront(node, 'be slowed');
    requireWireBetween(cluster, node, from);
    if (latencyMs === 0 && jitterMs === 0 && bytesPerSecond === null) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_ARGUMENT',
        'throttle(): it needs a latencyMs, a jitterMs or bytesPerSecond; unthrottle() ends it',
      );
    }
    await front.throttle({ latencyMs, jitterMs, bytesPerSecond, from }, Deadline.in(faultMs));
    cluster.faults.add({
      node: node.name,
      kind: slowed,
      outlivesServer: true,
      undo: async (deadline) => {
        await node.inTurn(() => front.throttle(undefined, deadline));
      },
      again: () => throttle(cluster, node, o),
    });
    return true;
  });
}

/** Packets are as fast as they were. */
export function unthrottle(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('unthrottle', node, async () => {
    const front = requireFront(node, 'be slowed');
    if (!cluster.faults.has(node.name, slowed)) return false;
    await front.throttle(undefined, Deadline.in(faultMs));
    cluster.faults.remove(node.name, slowed);
    return true;
  });
}

function requireWireBetween({ plan, engineKind }: Cluster, { name }: Node, from: CutFrom): void {
  if (from === 'clients' || plan.engine.nodesMeet === 'on loopback') return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_UNSUPPORTED',
    `${name} cannot be slowed for the other nodes: on engine '${engineKind}' nodes meet in the engine's network, where the wire does not stand, and containers have no netem. throttle({ from: 'clients' }) works; so does delayReplay(), for what a slave shows`,
  );
}

function inWords({
  latencyMs,
  jitterMs,
  bytesPerSecond,
  from = 'clients',
}: ThrottleOptions): string {
  return [
    ...(latencyMs === undefined ? [] : [`${latencyMs} ms`]),
    ...(jitterMs === undefined ? [] : [`± ${jitterMs} ms`]),
    ...(bytesPerSecond === undefined ? [] : [`${bytesPerSecond} bytes/s`]),
    `for ${from}`,
  ].join(', ');
}
