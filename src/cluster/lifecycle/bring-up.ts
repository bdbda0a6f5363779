import type { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { Node } from '../node';
import { ensureSlot } from '../replication/follow';
import { makeRestartpoint } from '../replication/restartpoint';
import { waitUntilStreaming } from '../replication/streaming';
import { changeSettings } from '../settings/node-settings';

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

/** Resolves once a cluster whose nodes have all been started is as it should be at its birth. */
export async function untilWhole(cluster: Cluster, deadline: Deadline): Promise<void> {
  const { master, following, confirming } = cluster;
  await waitUntilStreaming({ master, following, synchronous: confirming, deadline });
  await Promise.all(cluster.slaves.map((slave) => delay(master, slave, deadline)));
}

async function delay(master: Node, slave: Node, deadline: Deadline): Promise<void> {
  const { replayDelayMs } = slave.shape;
  if (replayDelayMs === 0) return;
  await makeRestartpoint(master, slave, deadline);
  await changeSettings(slave, { recovery_min_apply_delay: `${replayDelayMs}ms` }, deadline);
}
