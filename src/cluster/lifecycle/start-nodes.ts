import type { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { makeRestartpoint } from '../replication/catch-up';
import { ensureSlot } from '../replication/slots';
import { waitUntilStreaming } from '../replication/streaming';
import { changeSettings } from '../settings/alter-system';

/**
 * Starts nodes that do not run, the master first: a slave that finds no upstream would wait before
 * it tries again. `start` resolves when its node answers.
 */
export async function startInOrder(
  nodes: readonly Node[],
  start: (node: Node) => Promise<unknown>,
  deadline: Deadline,
): Promise<void> {
  let level = nodes.filter(({ upstream }) => upstream === undefined);
  while (level.length > 0) {
    await Promise.all(
      level.map(async (node) => {
        const { shape, upstream } = node;
        if (upstream && shape.slot) await ensureSlot(upstream, shape.name, deadline);
        await start(node);
      }),
    );
    const started = level;
    level = nodes.filter(({ upstream }) => upstream && started.includes(upstream));
  }
}

/** Resolves once the slaves stream and replay as they should, after all nodes have been started. */
export async function untilWhole(cluster: Cluster, deadline: Deadline): Promise<void> {
  const { master, slaves } = cluster;
  await untilStreaming(cluster, deadline);
  await Promise.all(slaves.map((slave) => delay(master, slave, deadline)));
}

/** The same, but those that should replay late do not do so yet. */
export async function untilStreaming(cluster: Cluster, deadline: Deadline): Promise<void> {
  const { master, following, confirming } = cluster;
  await waitUntilStreaming({ master, following, synchronous: confirming, deadline });
}

async function delay(master: Node, slave: Node, deadline: Deadline): Promise<void> {
  const { replayDelayMs } = slave.shape;
  if (replayDelayMs === 0) return;
  await makeRestartpoint(master, slave, deadline);
  await changeSettings(slave, { recovery_min_apply_delay: `${replayDelayMs}ms` }, deadline);
}
