import { inspect } from 'node:util';
import { PgClusterError } from '../base/errors';
import type { WalHistory } from '../postgres/wal/wal-history';
import { confirmer, confirmersOf } from './confirmers';
import type { Node } from './node/node';
import type { Snapshot } from './snapshots';

/** Who streams from whom. */
export interface Following {
  readonly slave: Node;
  readonly upstream: Node;
}

/** Which nodes a cluster has, which is master, who should stream from whom. Asks no server. */
export class Topology {
  #nodes: readonly Node[];
  #master: Node;
  #nextIndex: number;

  constructor(snapshot: Snapshot) {
    this.#nodes = snapshot.members.map(({ node }) => node);
    this.#master = becomeAsIn(snapshot);
    this.#nextIndex = snapshot.nextIndex;
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  get master(): Node {
    return this.#master;
  }

  get slaves(): readonly Node[] {
    return this.#nodes.filter((node) => node !== this.#master);
  }

  /** Who should stream from whom. */
  get following(): readonly Following[] {
    return this.slaves.map((slave) => ({ slave, upstream: this.upstreamOf(slave) }));
  }

  upstreamOf(slave: Node): Node {
    return slave.upstream ?? this.#master;
  }

  roleOf(node: Node): 'master' | 'slave' {
    return node === this.#master ? 'master' : 'slave';
  }

  /**
   * From now on this node is master. The former master is a slave in name only, until it rejoins.
   */
  setMaster(node: Node, history: WalHistory): void {
    this.#master = node;
    node.becameMaster(history);
  }

  /** @throws `ERR_PG_CLUSTER_ARGUMENT` */
  node(name: string): Node {
    const node = this.#nodes.find((candidate) => candidate.name === name);
    if (node) return node;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ARGUMENT',
      `there is no node ${typeof name === 'string' ? JSON.stringify(name) : inspect(name)}; there are ${this.#names}`,
    );
  }

  /** The slave at an index of `slaves`. @throws `ERR_PG_CLUSTER_ARGUMENT` */
  slave(index: number): Node {
    const node = this.slaves[index];
    if (node) return node;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ARGUMENT',
      `there is no slave with the index ${inspect(index)}; the cluster has ${this.slaves.length} slaves, counted from 0`,
    );
  }

  /** @throws `ERR_PG_CLUSTER_STATE` for a node that was removed */
  assertMember(node: Node): void {
    if (this.#nodes.includes(node)) return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `${node.name} was removed from the cluster; there are ${this.#names}`,
    );
  }

  /** The index of the next node: no name is given twice. */
  get nextIndex(): number {
    return this.#nextIndex;
  }

  takeIndex(): number {
    this.#nextIndex += 1;
    return this.#nextIndex - 1;
  }

  /** The names of the nodes that commits wait for if `master` is the master. */
  confirmersOf(
    master: Node,
    isSlave: (node: Node) => boolean = (node) => node.isStandby,
  ): readonly string[] {
    return confirmersOf(
      master.name,
      this.#nodes.map((node) => confirmer(node.shape, isSlave(node))),
    );
  }

  add(node: Node): void {
    this.#nodes = [...this.#nodes, node];
  }

  remove(node: Node): void {
    this.#nodes = this.#nodes.filter((other) => other !== node);
  }

  /** From now on its nodes, their roles and upstreams are those of the snapshot. */
  becomeAsIn(snapshot: Snapshot): void {
    this.#nodes = snapshot.members.map(({ node }) => node);
    this.#master = becomeAsIn(snapshot);
    this.#nextIndex = snapshot.nextIndex;
  }

  get #names(): string {
    return this.#nodes.map(({ name }) => name).join(', ');
  }
}

/** Gives the nodes their roles and upstreams. Returns the master. */
function becomeAsIn({ members, history }: Snapshot): Node {
  for (const { node, upstream } of members) {
    if (upstream) node.follows(upstream);
    else node.becameMaster(history);
  }
  const master = members.find(({ upstream }) => upstream === undefined);
  if (!master) throw new Error('a cluster has a master');
  return master.node;
}
