import type { SlaveOptions } from './cluster-spec';
import { type NodeShape, nodeName } from './node/node-shape';

/** The shapes of a newborn cluster, the master's first. */
export function shapesOf(slaves: readonly SlaveOptions[]): NodeShape[] {
  const anyMarked = slaves.some(({ synchronous }) => synchronous !== undefined);
  return [
    // After a failover it takes the place of the slave that became master.
    shapeOf(0, {}, undefined, true),
    ...slaves.map((slave, index) =>
      shapeOf(index + 1, slave, slave.upstream ?? nodeName(0), !anyMarked),
    ),
  ];
}

/** The shape of a node with this index and these options. */
export function shapeOf(
  index: number,
  slave: SlaveOptions,
  upstream: string | undefined,
  synchronous: boolean,
): NodeShape {
  return {
    name: nodeName(index),
    upstream,
    slot: slave.slot ?? false,
    synchronous: slave.synchronous ?? synchronous,
    replayDelayMs: slave.replayDelayMs ?? 0,
    settings: slave.settings ?? {},
  };
}
