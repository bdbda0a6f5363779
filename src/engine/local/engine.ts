import { dirname, join } from 'node:path';
import { Deadline } from '../../deadline';
import { PgClusterError } from '../../errors';
import type { Progress } from '../../progress';
import { newId, type Session } from '../../session';
import type { CloneSource, Endpoint, Engine, EngineNode, NodeSpec, Template } from '../engine';
import { findBinaries } from './binaries';
import { cacheDirectory, dataRoot, makeDirectory } from './directories';
import { ForwarderClient } from './forwarder-client';
import { Front } from './front';
import { runnablePrograms } from './installation';
import { LocalNode } from './node';
import { removeTree } from './remove';
import { type ServerUser, serverUser } from './server-user';
import { closeSession, openSession } from './session-directory';
import { Snapshots } from './snapshots';
import { ensureTemplate, type LocalTemplate } from './template';

const findMs = 30_000;

export interface LocalEngineOptions {
  readonly session: Session;
  /** Undefined: whatever `binDir` has. */
  readonly version: number | undefined;
  readonly binDir: string | undefined;
  readonly cacheDir: string | undefined;
  /** Whether a forwarder stands in front of the nodes. */
  readonly networkFaults: boolean;
  /** Where npm packages are looked for. */
  readonly rootDir: string;
  /** For the message, should this engine not do either. */
  readonly whyNotDocker: string | undefined;
  /** How many nodes there will be, about: memory has to have room for their data. */
  readonly nodes: number;
}

/** What is found out by `prepare`. */
interface Prepared {
  readonly programs: string;
  readonly user: ServerUser;
  readonly template: LocalTemplate;
}

/** Runs the nodes of one cluster as processes of this machine. */
export class LocalEngine implements Engine {
  readonly kind = 'local';
  readonly #o: LocalEngineOptions;
  readonly #home: string;
  readonly #nodes = new Map<string, LocalNode>();
  /** By the name of the node, and the port that its clients know. */
  readonly #fronts = new Map<string, Front>();
  readonly #snapshots: Snapshots;
  #prepared: Prepared | undefined;
  #forwarder: ForwarderClient | undefined;

  /** @throws `ERR_PG_CLUSTER_NO_ENGINE` where servers cannot be run at all */
  constructor(o: LocalEngineOptions) {
    if (process.platform === 'win32') {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_NO_ENGINE',
        `engine 'local' does not run on Windows, whose processes cannot be frozen; use Docker, or run the tests in WSL`,
      );
    }
    this.#o = o;
    this.#home = join(dataRoot(o.nodes), o.session.id, newId());
    this.#snapshots = new Snapshots(this.#home);
  }

  async prepare(template: Template, progress: Progress): Promise<void> {
    const { version, binDir, rootDir, cacheDir, session, whyNotDocker } = this.#o;
    const deadline = Deadline.in(findMs);
    const user = serverUser();
    const cache = cacheDirectory(cacheDir);
    const binaries = await findBinaries({ binDir, version, rootDir, whyNotDocker }, deadline);
    const programs = await runnablePrograms(binaries, { user, cache, progress }, deadline);
    const { versionText } = binaries;
    openSession(dirname(this.#home), session);
    makeDirectory(this.#home);
    if (this.#o.networkFaults) this.#forwarder = new ForwarderClient(this.#home);
    const place = { programs, versionText, user, cache, workshop: this.#home };
    this.#prepared = { programs, user, template: await ensureTemplate(template, place, progress) };
  }

  async createNode(spec: NodeSpec, deadline: Deadline): Promise<EngineNode> {
    if (!this.#prepared) throw new Error('createNode before prepare');
    const node = new LocalNode({
      ...this.#prepared,
      spec,
      front: await this.#frontOf(spec),
      home: join(this.#home, spec.name),
      dataOf: (name) => this.#node(name).data,
      archiveOf: (snapshot) => this.#snapshots.archiveOf(snapshot),
    });
    this.#nodes.set(spec.name, node);
    await node.create(deadline);
    return node;
  }

  clusterEndpoint(name: string): Endpoint {
    return this.#node(name).clusterEndpoint;
  }

  async saveSnapshot(id: string, source: CloneSource, deadline: Deadline): Promise<void> {
    if (!this.#prepared) throw new Error('saveSnapshot before prepare');
    await this.#snapshots.save(
      { id, source, from: this.#node(source.name).data, ...this.#prepared },
      deadline,
    );
  }

  dropSnapshot(id: string): Promise<void> {
    return this.#snapshots.drop(id);
  }

  async remove(deadline: Deadline): Promise<void> {
    this.#forwarder?.close();
    await Promise.all([...this.#nodes.values()].map((node) => node.settled(deadline)));
    await removeTree(this.#home, deadline);
    for (const front of this.#fronts.values()) front.release();
    await closeSession(dirname(this.#home));
  }

  /** A node that takes the place of one that was removed has its front: others may know it by that. */
  async #frontOf({ name, port }: NodeSpec): Promise<Front | undefined> {
    if (!this.#forwarder) return undefined;
    const key = `${name} ${port}`;
    const front = this.#fronts.get(key) ?? (await Front.create(this.#forwarder, name, port));
    this.#fronts.set(key, front);
    return front;
  }

  #node(name: string): LocalNode {
    const node = this.#nodes.get(name);
    if (node) return node;
    throw new Error(`the local engine has made no node ${name}`);
  }
}
