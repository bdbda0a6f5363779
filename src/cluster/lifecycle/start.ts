import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline, formatMs } from '../../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../../base/errors';
import { freePort, requireFree } from '../../base/machine/ports';
import { type Progress, progressTo } from '../../base/progress';
import { timed } from '../../base/step-times';
import { removeSessionFile } from '../../cleanup/session-files';
import type { Engine } from '../../engine/engine';
import { whyNoTls } from '../../engine/server-tls';
import { MovingFront } from '../../wire/moving-front';
import type { TlsIdentity } from '../../wire/requests';
import { WiredEngine } from '../../wire/wired-engine';
import { basePortAdvice } from '../base-port-advice';
import { Cluster, type ClusterPlan } from '../cluster';
import type { ClusterSpec } from '../cluster-spec';
import type { ClusterTls } from '../cluster-tls';
import type { EndpointFronts } from '../endpoints/endpoints';
import { Credentials } from '../node/credentials';
import { logExcerpt } from '../node/log-excerpt';
import type { Node } from '../node/node';
import type { NodeShape } from '../node/node-shape';
import { NodePorts } from '../node-ports';
import { preparationOf } from '../prepare/preparation';
import { secureConnections } from '../settings/secure-connections';
import { templateFor } from '../settings/template';
import { shapesOf } from '../shapes';
import { SpareSlot } from '../spare-slot';
import { createNewborn, newbornOf, nodeOf } from './create-node';
import { startInOrder, untilWhole } from './start-nodes';

/**
 * Makes a cluster and waits until it is ready: every node answers SQL over TCP, every slave
 * streams and has replayed past what the master had written.
 *
 * What a failed start has made is removed again.
 *
 * @throws `ERR_PG_CLUSTER_START` with the node, the step, the time, what was last seen and the end
 * of that node's log; `ERR_PG_CLUSTER_IMAGE`; `ERR_PG_CLUSTER_PREPARE`; `ERR_PG_CLUSTER_PORT_IN_USE`;
 * `ERR_PG_CLUSTER_NO_ENGINE` when nodes run where this process cannot get to them.
 */
export async function startCluster(
  engine: Engine,
  spec: ClusterSpec,
  progress: Progress = progressTo(),
): Promise<Cluster> {
  const endpoints = spec.wire ? await endpointFronts() : undefined;
  const tls = await secureConnections(engine, spec).catch(async (error: unknown) => {
    // Addresses are a network's, which may have been made for them.
    const cleanup = new CleanupStack();
    cleanup.add('what the engine has made', (by) => engine.remove(by), removeMs);
    throw await cleanup.runAfter(error, Deadline.in(removeMs));
  });
  const starter = new Starter({
    engine: spec.wire ? new WiredEngine(engine, identityOf(tls)) : engine,
    spec,
    endpoints,
    tls,
  });
  try {
    return await starter.run(progress);
  } catch (error) {
    throw await starter.undo(await starter.explain(error));
  }
}

function identityOf(tls: ClusterTls | undefined): TlsIdentity | undefined {
  return tls && { ca: tls.ca, cert: tls.server.cert, key: tls.server.key };
}

const portAttempts = 10;
const removeMs = 20_000;

/** On free ports, which go back when they are closed. */
async function endpointFronts(): Promise<EndpointFronts> {
  const [writer, reader] = await Promise.all([freePort(), freePort()]);
  return { writer: new MovingFront('writer', writer), reader: new MovingFront('reader', reader) };
}

/** One start: knows how far it has come, so that a failure can say so. */
class Starter {
  readonly #engine: Engine;
  readonly #spec: ClusterSpec;
  readonly #plan: ClusterPlan;
  readonly #shapes: readonly NodeShape[];
  /** Removes all that is made. If the start succeeds, it belongs to the cluster. */
  readonly #cleanup = new CleanupStack();
  /** In name order, once they are created. */
  #nodes: readonly Node[] = [];
  #step = 'preparing what nodes are copied from';
  /** The node that failed, if it is a single one. */
  #at: Node | undefined;
  #startedAt = performance.now();

  constructor(o: {
    engine: Engine;
    spec: ClusterSpec;
    endpoints: EndpointFronts | undefined;
    tls: ClusterTls | undefined;
  }) {
    const { engine, spec, endpoints, tls } = o;
    this.#engine = engine;
    this.#spec = spec;
    this.#plan = {
      engine,
      credentials: new Credentials(spec.user, spec.password),
      ports: new NodePorts(spec.basePort),
      endpoints,
      spares: new SpareSlot(),
      tls,
      spec,
    };
    this.#shapes = shapesOf(spec.slaves);
    if (tls) this.#cleanup.add(tls.caFile, () => removeSessionFile(tls.caFile));
    this.#cleanup.add('the ports of its nodes', () => this.#plan.ports.releaseAll());
    for (const front of Object.values(endpoints ?? {})) {
      this.#cleanup.add(`the ${front.name}`, (by) => front.close(by));
    }
    this.#cleanup.add('what the engine has made', (by) => engine.remove(by), removeMs);
    this.#cleanup.add('spare servers', (by) => this.#plan.spares.close(by), removeMs);
  }

  async run(progress: Progress): Promise<Cluster> {
    const { basePort, publishOn, wire } = this.#spec;
    // The engine says so when another address is taken.
    if (basePort !== undefined && (wire || publishOn === undefined)) {
      for (const shape of this.#shapes) {
        await requireFree(await this.#plan.ports.portOf(shape), shape.name);
      }
    }
    await timed('preparing what nodes are copied from', () =>
      this.#engine.makeTemplate(
        templateFor(this.#spec),
        preparationOf(this.#spec, this.#plan.tls),
        progress,
      ),
    );

    // Images have a deadline of their own: they may take minutes the first time.
    this.#startedAt = performance.now();
    const deadline = Deadline.in(this.#spec.startTimeoutMs);
    this.#step = 'creating the nodes';
    this.#nodes = await timed('creating the nodes', () =>
      Promise.all(
        this.#shapes.map(async (shape) =>
          nodeOf(this.#plan, await this.#create(shape, deadline), shape),
        ),
      ),
    );
    const cluster = new Cluster({
      plan: this.#plan,
      newborn: newbornOf(this.#plan, this.#nodes),
      cleanup: this.#cleanup,
    });
    // They refuse until their nodes answer.
    const endpoints = cluster.movingEndpoints?.asNew();
    endpoints?.catch(() => {});
    await startInOrder(this.#nodes, (node) => this.#start(node, deadline), deadline);
    await endpoints;
    this.#step = 'waiting for replication';
    await timed('replication until all stream', () => untilWhole(cluster, deadline));
    return cluster;
  }

  /** Adds the end of the log of the node that failed, or of every node if that is unknown. */
  async explain(error: unknown): Promise<PgClusterError> {
    const speaksForItself = [
      'ERR_PG_CLUSTER_NO_ENGINE',
      'ERR_PG_CLUSTER_IMAGE',
      'ERR_PG_CLUSTER_PREPARE',
      'ERR_PG_CLUSTER_PORT_IN_USE',
    ];
    if (codeOf(error) === 'ERR_PG_CLUSTER_PORT_IN_USE' && this.#spec.basePort !== undefined) {
      return this.#withAdvice(error, this.#spec.basePort);
    }
    if (error instanceof PgClusterError && speaksForItself.includes(error.code)) return error;

    const took = formatMs(performance.now() - this.#startedAt);
    const failed = this.#at;
    const logs = await Promise.all((failed ? [failed] : this.#nodes).map(logExcerpt));
    const whyNot = whyNoTls([messageOf(error), ...logs].join('\n'));
    const where = failed ? ` (${failed.upstream ? 'slave' : 'master'})` : '';
    return new PgClusterError(
      'ERR_PG_CLUSTER_START',
      [
        `the cluster did not start: ${this.#step}${where} failed after ${took}: ${messageOf(error)}`,
        ...(whyNot === undefined ? [] : [whyNot]),
        ...logs,
      ].join('\n'),
      { cause: error },
    );
  }

  async #withAdvice(error: unknown, basePort: number): Promise<PgClusterError> {
    const ports = this.#shapes.map((_, index) => basePort + index);
    const { workers } = this.#spec;
    const advice = await basePortAdvice({ engine: this.#engine, ports, workers });
    return new PgClusterError('ERR_PG_CLUSTER_PORT_IN_USE', `${messageOf(error)}; ${advice}`, {
      cause: error,
    });
  }

  /** Removes what was made, and resolves to the failure. */
  undo(failure: PgClusterError): Promise<PgClusterError> {
    for (const node of this.#nodes) {
      this.#cleanup.add(`the connections to ${node.name}`, () => node.close());
    }
    return this.#cleanup.runAfter(failure, Deadline.in(removeMs));
  }

  async #create(shape: NodeShape, deadline: Deadline) {
    const port = await this.#plan.ports.portOf(shape);
    return createNewborn(this.#plan, shape, port, this.#shapes, deadline);
  }

  async #start(node: Node, deadline: Deadline): Promise<void> {
    try {
      await timed(`starting ${node.name}`, () => this.#startProcess(node, deadline));
      await timed(`${node.name} until it answers`, () => node.waitUntilAnswering(deadline));
    } catch (error) {
      // Slaves start at the same time: the first failure is the one to report.
      if (this.#at === undefined) {
        this.#at = node;
        this.#step = `starting ${node.name}`;
      }
      throw error;
    }
  }

  /** A free port may be taken before it is used; then another one is tried. */
  async #startProcess(node: Node, deadline: Deadline): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await node.engineNode.start(deadline);
        return;
      } catch (error) {
        const taken = codeOf(error) === 'ERR_PG_CLUSTER_PORT_IN_USE';
        const mayMove = this.#spec.wire || this.#spec.basePort === undefined;
        if (!taken || !mayMove || attempt === portAttempts) throw error;
        await node.engineNode.remove(deadline);
        const { port } = node.engineNode.endpoint;
        // Behind the wire, the server's own port may be the one that was taken.
        if (this.#spec.basePort !== undefined) await requireFree(port, node.name);
        this.#plan.ports.release(port);
        node.replacedBy(await this.#create(node.shape, deadline));
      }
    }
  }
}
