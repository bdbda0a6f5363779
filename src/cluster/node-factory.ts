import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Deadline } from '../deadline';
import type { CloneSource, Engine, EngineNode, Origin } from '../engine/engine';
import type { ResolvedOptions } from '../options';
import { freePort } from '../ports';
import { scramVerifier } from '../scram';
import { passfile, primaryConninfo } from './conninfo';
import { type Credentials, newPassword, passwordSql } from './credentials';
import type { Moment } from './moment';
import { Node } from './node';
import { type NodeShape, nodeConf, nodeName, synchronousNames } from './shape';
import { bornHistory } from './wal-history';

/** What a cluster was asked to be, as far as its nodes depend on it. */
export type ClusterOptions = Pick<
  ResolvedOptions,
  'database' | 'synchronous' | 'basePort' | 'password'
>;

/** Makes the nodes of one cluster, at its birth and later. */
export class NodeFactory {
  readonly options: ClusterOptions;
  readonly credentials: Credentials;
  readonly #engine: Engine;
  readonly #passwordSql: string;
  /** The tests' role has another password than at its birth. */
  #isRenewed = false;

  constructor(engine: Engine, credentials: Credentials, options: ClusterOptions) {
    this.#engine = engine;
    this.credentials = credentials;
    this.options = options;
    this.#passwordSql = passwordSql(credentials);
  }

  /** A node of an engine node that was made here. */
  nodeOf(engineNode: EngineNode, shape: NodeShape): Node {
    const { database } = this.options;
    return new Node({ engineNode, shape, credentials: this.credentials, database });
  }

  /** Where nodes are that no port was asked for: where nothing listens now. */
  async portOf({ name }: NodeShape): Promise<number> {
    const { basePort } = this.options;
    return basePort === undefined ? freePort() : basePort + Number(name.slice(2));
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
        get origin() {
          return birthOf(node.shape, shapes);
        },
      })),
      nextIndex: nodes.length,
      history: bornHistory,
    };
  }

  /** Another password for the tests' role, unless the user has chosen it. */
  renewPassword(): void {
    if (this.options.password !== undefined) return;
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
  readonly birthOf = (shape: NodeShape, shapes: readonly NodeShape[]): Origin => {
    // A delay from the start would hold back the passwords, and nobody could log in to see.
    const conf = this.#conf({ ...shape, replayDelayMs: 0 }, shape.upstream ?? nodeName(0), shapes);
    return { snapshot: undefined, role: roleOf(shape), conf };
  };

  /** A further slave, a clone of its upstream. */
  async clone(
    shape: NodeShape,
    upstream: { readonly name: string; readonly source: CloneSource },
    shapes: readonly NodeShape[],
    deadline: Deadline,
  ): Promise<Node> {
    const engineNode = await this.#engine.createNode(
      {
        name: shape.name,
        role: 'slave',
        clone: upstream.source,
        port: await this.portOf(shape),
        conf: () => this.#conf(shape, upstream.name, shapes),
        passfile: passfile(this.credentials.replicationPassword),
        bornSql: '',
      },
      deadline,
    );
    return this.nodeOf(engineNode, shape);
  }

  #conf(shape: NodeShape, upstream: string, shapes: readonly NodeShape[]): string {
    return nodeConf(
      shape,
      primaryConninfo(this.#engine.clusterEndpoint(upstream)),
      synchronousNames(this.options.synchronous, shapes),
    );
  }
}

function roleOf(shape: NodeShape): 'master' | 'slave' {
  return shape.upstream === undefined ? 'master' : 'slave';
}
