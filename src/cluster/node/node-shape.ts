import type { Settings } from '../../postgres/settings';

/** What distinguishes a node from the others, for its life. */
export interface NodeShape {
  readonly name: string;
  /** The node it streams from at first; undefined for the born master. */
  readonly upstream: string | undefined;
  /** Whether its upstream keeps WAL for it in a replication slot, which has the node's name. */
  readonly slot: boolean;
  /** Whether it may be one of those that a commit waits for. */
  readonly synchronous: boolean;
  readonly replayDelayMs: number;
  readonly settings: Settings;
}

/** No name is given twice. `pg0` is born master. */
export function nodeName(index: number): string {
  return `pg${index}`;
}

/** What a node is in a newborn cluster. */
export function bornRole(shape: NodeShape): 'master' | 'slave' {
  return shape.upstream === undefined ? 'master' : 'slave';
}
