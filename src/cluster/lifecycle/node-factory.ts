import { escapeIdentifier, escapeLiteral } from 'pg';
import type { CleanupStack } from '../../base/cleanup-stack';
import type { Deadline } from '../../base/deadline';
import { freePort, releasePort } from '../../base/machine/ports';
import type { CloneSource, Engine, EngineNode, NodeSnapshot } from '../../engine/engine';
import { scramVerifier } from '../../postgres/scram';
import type { Settings } from '../../postgres/settings';
import { bornHistory } from '../../postgres/wal-history';
import type { ClusterSpec } from '../cluster-spec';
import { type Credentials, newPassword, passwordSql } from '../credentials';
import type { Moment } from '../moment';
import { Node } from '../node';
import { passfile, primaryConninfo } from '../replication/conninfo';
import { confirmersOf, synchronousStandbyNames } from '../replication/synchronous';
import { type NodeShape, nodeConf, nodeName } from '../shape';

/** How long it may take to remove one node. */
const removeMs = 20_000;

/** What a cluster was asked to be, as far as its nodes depend on it. */
type NodesSpec = Pick<ClusterSpec, 'database' | 'synchronous' | 'basePort' | 'password'>;

/** Makes the nodes of one cluster, at its birth and later. */
export class NodeFactory {
  readonly spec: NodesSpec;
  readonly credentials: Credentials;
  readonly #engine: Engine;
  readonly #passwordSql: string;
  /**
   * Free ones that were taken for nodes. A node that was removed keeps its own, as it may come back
   * when the cluster is put back.
   */
  readonly #ports = new Set<number>();
  /** The tests' role has another password than at its birth. */
  #isRenewed = false;

  constructor(engine: Engine, credentials: Credentials, spec: NodesSpec) {
    this.#engine = engine;
    this.credentials = credentials;
    this.spec = spec;
    this.#passwordSql = passwordSql(credentials);
  }

  /** A node of an engine node that was made here. */
  nodeOf(engineNode: EngineNode, shape: NodeShape): Node {
    const { database } = this.spec;
    return new Node({ engineNode, shape, credentials: this.credentials, database });
  }

  /** Where nodes are that no port was asked for: where nothing listens now. */
  async portOf({ name }: NodeShape): Promise<number> {
    const { basePort } = this.spec;
    if (basePort !== undefined) return basePort + Number(name.slice(2));
    const port = await freePort();
    this.#ports.add(port);
    return port;
  }

  /** Of a node that never came to be. */
  releasePort(port: number): void {
    this.#ports.delete(port);
    releasePort(port);
  }

  /** When the cluster is no more. */
  releasePorts(): void {
    for (const port of this.#ports) this.releasePort(port);
  }

  /** One of the nodes that a cluster is born with; `shapes` are those of all. */
  newborn(
    shape: NodeShape,
    port: number,
    shapes: readonly NodeShape[],
    deadline: Deadline,
  ): Promise<EngineNode> {
    return this.#engine.createNode(
      {
        name: shape.name,
        role: roleOf(shape),
        clone: undefined,
        port,
        conf: () => this.birthOf(shape, shapes).conf,
        passfile: passfile(this.credentials.replicationPassword),
        bornSql: roleOf(shape) === 'master' ? this.#passwordSql : '',
      },
      deadline,
    );
  }

  /** The cluster of these nodes, at its birth; the master is the first. */
  birth(nodes: readonly Node[]): Moment {
    const shapes = nodes.map(({ shape }) => shape);
    const { birthOf } = this;
    return {
      members: nodes.map((node) => ({
        node,
        upstream: nodes.find(({ name }) => name === node.shape.upstream),
        // Not before all have been made: until then their addresses may change.
        get snapshot() {
          return birthOf(node.shape, shapes);
        },
      })),
      nextIndex: nodes.length,
      history: bornHistory,
    };
  }

  /** Another password for the tests' role, unless the user has chosen it. */
  renewPassword(): void {
    if (this.spec.password !== undefined) return;
    this.credentials.password = newPassword();
    this.#isRenewed = true;
  }

  /** Gives the tests' role of a newborn cluster the password that it has by now. */
  async givePassword(master: Node, deadline: Deadline): Promise<void> {
    if (!this.#isRenewed) return;
    const { user, password } = this.credentials;
    const sql = `ALTER ROLE ${escapeIdentifier(user)} PASSWORD ${escapeLiteral(scramVerifier(password))}`;
    await master.sql(sql, [], deadline);
  }

  /** What a node is put back to that is to be as it was born. */
  readonly birthOf = (shape: NodeShape, shapes: readonly NodeShape[]): NodeSnapshot => {
    // A delay from the start would hold back the passwords, and nobody could log in to see.
    const conf = this.#conf({ ...shape, replayDelayMs: 0 }, shape.upstream ?? nodeName(0), shapes);
    return { id: undefined, role: roleOf(shape), conf };
  };

  /** A further slave, a clone of its upstream. How it is removed again goes on `cleanup`. */
  async clone(
    shape: NodeShape,
    upstream: { readonly name: string; readonly source: CloneSource },
    shapes: readonly NodeShape[],
    inherited: Settings,
    cleanup: CleanupStack,
    deadline: Deadline,
  ): Promise<Node> {
    const port = await this.portOf(shape);
    cleanup.add(`the port ${port}`, () => this.releasePort(port));
    const engineNode = await this.#engine.createNode(
      {
        name: shape.name,
        role: 'slave',
        clone: upstream.source,
        port,
        conf: () => this.#conf(shape, upstream.name, shapes, inherited),
        passfile: passfile(this.credentials.replicationPassword),
        bornSql: '',
      },
      deadline,
    );
    cleanup.add(shape.name, (by) => engineNode.remove(by), removeMs);
    const node = this.nodeOf(engineNode, shape);
    cleanup.add(`the connections to ${shape.name}`, () => node.close());
    return node;
  }

  #conf(
    shape: NodeShape,
    upstream: string,
    shapes: readonly NodeShape[],
    inherited?: Settings,
  ): string {
    return nodeConf(
      shape,
      primaryConninfo(this.#engine.clusterEndpoint(upstream)),
      this.#synchronousNames(shape.name, shapes),
      inherited,
    );
  }

  /** What it needs if it is the master, or once it is. */
  #synchronousNames(master: string, shapes: readonly NodeShape[]): string {
    const nodes = shapes.map(({ name, synchronous, upstream }) => ({
      name,
      isMarked: synchronous,
      isSlave: upstream !== undefined,
      upstream,
    }));
    return synchronousStandbyNames(this.spec.synchronous, confirmersOf(master, nodes));
  }
}

function roleOf(shape: NodeShape): 'master' | 'slave' {
  return shape.upstream === undefined ? 'master' : 'slave';
}
