import { type NodeShape, nodeName } from './node/node-shape';

/** What decides whether commits may wait for a node. */
export interface Confirmer {
  readonly name: string;
  /** Whether it is marked for that, by its shape. */
  readonly isMarked: boolean;
  /** Whether it is a slave. A former master is not, until it has rejoined. */
  readonly isSlave: boolean;
  /** The name of the node that it is meant to stream from, by its shape. */
  readonly upstream: string | undefined;
}

/** @param isSlave whether it is one now; by default, whether it was born as one */
export function confirmer(
  { name, synchronous, upstream }: NodeShape,
  isSlave = upstream !== undefined,
): Confirmer {
  return { name, isMarked: synchronous, isSlave, upstream };
}

/**
 * The names of the nodes that commits on `master` wait for. A node that still follows a former
 * master is among them: if it were left out and promoted next, it could lack what clients were told
 * is safe. A node that is meant to stream from another slave is not: PostgreSQL does not ask it.
 */
export function confirmersOf(master: string, nodes: readonly Confirmer[]): string[] {
  const slaves = nodes.filter(({ name, isSlave }) => isSlave && name !== master);
  // A node that is meant to stream from pg0 streams from whoever is master; see upstreamFor.
  const upstreams = slaves.map(({ name }) => name).filter((name) => name !== nodeName(0));
  const isCascade = ({ upstream }: Confirmer) => upstreams.some((name) => name === upstream);
  return slaves.filter((node) => node.isMarked && !isCascade(node)).map(({ name }) => name);
}

/** The setting: any `asked` of `names`, or all of them if there are fewer. */
export function synchronousStandbyNames(asked: number, names: readonly string[]): string {
  const count = Math.min(asked, names.length);
  return count > 0 ? `ANY ${count} (${names.join(', ')})` : '';
}
