import type { Node } from '../node/node';

/** Who is what now. */
export interface Roles {
  readonly master: Node;
  readonly slaves: readonly Node[];
}

/** Nodes that an endpoint leads to, in turns; `otherwise` if none of them answers. */
export interface Targets {
  readonly nodes: readonly Node[];
  readonly otherwise: readonly Node[];
}

export const nowhere: Targets = { nodes: [], otherwise: [] };

export function writers({ master }: Roles): Targets {
  return { nodes: [master], otherwise: [] };
}

/** A former master that was not made a slave may still run. */
export function readers({ master, slaves }: Roles): Targets {
  return { nodes: slaves.filter(({ isStandby }) => isStandby), otherwise: [master] };
}

export function areSame(one: Targets, other: Targets): boolean {
  return sameNodes(one.nodes, other.nodes) && sameNodes(one.otherwise, other.otherwise);
}

function sameNodes(some: readonly Node[], others: readonly Node[]): boolean {
  return some.length === others.length && some.every((node, index) => node === others[index]);
}
