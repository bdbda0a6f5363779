import { formatSettings, type Settings } from '../postgres/settings';
import type { SlaveOptions } from './cluster-spec';

/** What distinguishes a node from the others, for its life. */
export interface NodeShape {
  readonly name: string;
  /** The node it streams from at first; undefined for the born master. */
  readonly upstream: string | undefined;
  /** Whether its upstream keeps WAL for it by a replication slot, named as the node. */
  readonly slot: boolean;
  /** Whether it may be one of those that a commit waits for. */
  readonly synchronous: boolean;
  readonly replayDelayMs: number;
  readonly settings: Settings;
}

/** Node names are given once and never again: `pg0` is born master. */
export function nodeName(index: number): string {
  return `pg${index}`;
}

/** The shapes of a newborn cluster, the master's first. */
export function shapesOf(slaves: readonly SlaveOptions[]): NodeShape[] {
  const anyMarked = slaves.some(({ synchronous }) => synchronous !== undefined);
  return [
    // Once it is a slave, it takes the place of one that is master in its stead.
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

/**
 * Settings of a node of its own, for postgresql.auto.conf. On a master most of it lies in wait.
 * @param inherited what else is to stand there; by default nothing
 */
export function nodeConf(
  shape: NodeShape,
  primaryConninfo: string,
  synchronousStandbyNames: string,
  inherited: Settings = {},
): string {
  return formatSettings({
    ...inherited,
    cluster_name: shape.name,
    primary_conninfo: primaryConninfo,
    primary_slot_name: shape.slot ? shape.name : '',
    recovery_min_apply_delay: `${shape.replayDelayMs}ms`,
    synchronous_standby_names: synchronousStandbyNames,
    ...shape.settings,
  });
}
