import { inspect } from 'node:util';
import { PgClusterError } from '../base/errors';
import type { WalHistory } from '../postgres/wal-history';
import type { Moment } from './moment';
import type { Node } from './node';
import type { Following } from './replication/streaming';
import { confirmersOf } from './replication/synchronous';

/** Who belongs to a cluster, who is master, who should stream from whom. No server is asked. */
export class Topology {
  #nodes: readonly Node[];
  #master: Node;
  #nextIndex: number;

  constructor(moment: Moment) {
    this.#nodes = nodesAt(moment);
    this.#master = masterAt(moment);
    this.#nextIndex = moment.nextIndex;
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

  /** The node is master from now on; who was it before is a slave in name, until it rejoins. */
  setMaster(node: Node, history: WalHistory): void {
    this.#master = node;
    node.history = history;
    node.upstream = undefined;
    node.isStandby = false;
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

  /** Of the next node's name: none is given twice. */
  get nextIndex(): number {
    return this.#nextIndex;
  }

  takeIndex(): number {
    this.#nextIndex += 1;
    return this.#nextIndex - 1;
  }

  /** The names of those that commits wait for if `master` is the master. */
  confirmersOf(
    master: Node,
    isSlave: (node: Node) => boolean = (node) => node.isStandby,
  ): readonly string[] {
    return confirmersOf(
      master.name,
      this.#nodes.map((node) => ({
        name: node.name,
        isMarked: node.shape.synchronous,
        isSlave: isSlave(node),
        upstream: node.shape.upstream,
      })),
    );
  }

  protected add(node: Node): void {
    this.#nodes = [...this.#nodes, node];
  }

  protected remove(node: Node): void {
    this.#nodes = this.#nodes.filter((other) => other !== node);
  }

  protected become(moment: Moment): void {
    this.#nodes = nodesAt(moment);
    this.#master = masterAt(moment);
    this.#nextIndex = moment.nextIndex;
  }

  get #names(): string {
    return this.#nodes.map(({ name }) => name).join(', ');
  }
}

function nodesAt(moment: Moment): readonly Node[] {
  return moment.members.map(({ node, upstream }) => {
    node.upstream = upstream;
    return node;
  });
}

function masterAt({ members, history }: Moment): Node {
  const master = members.find(({ upstream }) => upstream === undefined);
  if (!master) throw new Error('a cluster has a master');
  master.node.history = history;
  return master.node;
}
