import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import type { CloneSource } from '../../engine-node';
import { call } from '../client/api-call';
import { exec } from './exec';

const snapshots = '/pg-cluster/snapshots';

/** The snapshots of a cluster: directories in its nodes' containers, made in one of them by save-snapshot.sh. */
export class Snapshots {
  readonly #containerOf: (node: string) => Docker.Container;
  /** By the id of a snapshot: the nodes that have it. */
  readonly #holders = new Map<string, Set<string>>();

  constructor(containerOf: (node: string) => Docker.Container) {
    this.#containerOf = containerOf;
  }

  /** Resolves when all of `nodes` have it. */
  async save(
    id: string,
    source: CloneSource,
    nodes: readonly string[],
    deadline: Deadline,
  ): Promise<void> {
    const label = await source.backup(() => this.#run(source.name, ['copy'], deadline), deadline);
    await this.#run(source.name, ['finish', id, label], deadline);
    this.#holders.set(id, new Set([source.name]));
    await Promise.all(nodes.map((node) => this.bring(id, node, deadline)));
  }

  /** Makes sure that a node has a snapshot; the node need not run. */
  async bring(id: string, node: string, deadline: Deadline): Promise<void> {
    const holders = this.#holders.get(id);
    const [from] = holders ?? [];
    if (!holders || from === undefined) throw new Error(`there is no snapshot ${id}`);
    if (holders.has(node)) return;
    const what = `copy a snapshot from ${from} to ${node}`;
    const archive = await call(deadline, what, (abortSignal) =>
      this.#containerOf(from).getArchive({ path: `${snapshots}/${id}`, abortSignal }),
    );
    try {
      await call(deadline, what, (abortSignal) =>
        this.#containerOf(node).putArchive(archive, { path: snapshots, abortSignal }),
      );
    } finally {
      // The engine locks a container while its files are read: a stream that nobody reads to its
      // end would lock it for ever, and block everybody who asks about it.
      (archive as Readable).destroy();
    }
    holders.add(node);
  }

  async drop(id: string, deadline: Deadline): Promise<void> {
    const holders = this.#holders.get(id) ?? [];
    this.#holders.delete(id);
    await Promise.all(
      [...holders].map((node) =>
        exec(
          this.#containerOf(node),
          { command: ['rm', '-rf', `${snapshots}/${id}`], what: `drop a snapshot of ${node}` },
          deadline,
        ),
      ),
    );
  }

  /** A node was removed, with all that it had. What nobody else has is lost. */
  forget(node: string): void {
    for (const holders of this.#holders.values()) holders.delete(node);
  }

  /** One step of save-snapshot.sh. */
  async #run(node: string, args: readonly string[], deadline: Deadline): Promise<void> {
    const what = `take a snapshot of ${node}`;
    const command = ['sh', '/pg-cluster/save-snapshot.sh', ...args];
    const { exitCode, output } = await exec(this.#containerOf(node), { command, what }, deadline);
    if (exitCode === 0) return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `could not ${what}: save-snapshot.sh ended with ${exitCode}: ${output}`,
    );
  }
}
