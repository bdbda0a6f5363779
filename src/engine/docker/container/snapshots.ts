import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { timed } from '../../../base/step-times';
import type { SnapshotSource } from '../../engine-node';
import { call } from '../client/api-call';
import { exec } from './exec';
import type { StartScript } from './start-script';

const snapshots = '/pg-cluster/snapshots';

/** What snapshots need of a node. */
interface Holder {
  readonly container: Docker.Container;
  readonly script: StartScript;
}

/**
 * The snapshots of a cluster: directories in its nodes' containers, made in one of them by
 * save-snapshot.sh.
 */
export class Snapshots {
  readonly #holderOf: (node: string) => Holder;
  /** By the id of a snapshot: the nodes that have it. */
  readonly #holders = new Map<string, Set<string>>();

  constructor(holderOf: (node: string) => Holder) {
    this.#holderOf = holderOf;
  }

  get areThere(): boolean {
    return this.#holders.size > 0;
  }

  /** Resolves when all of `nodes`, which run, have it. */
  async save(
    id: string,
    source: SnapshotSource,
    nodes: readonly string[],
    deadline: Deadline,
  ): Promise<void> {
    const { name } = source;
    const label = await source.backup(() => this.#step(name, `copy ${id}`, deadline), deadline);
    const { first = 'none', last } = await source.neededWal(deadline);
    const { script } = this.#holderOf(name);
    for (const line of label.trimEnd().split('\n')) {
      await script.tell(`label ${id} ${line}`, deadline);
    }
    await this.#step(name, `finish ${id} ${first} ${last}`, deadline);
    const holders = new Set([name]);
    this.#holders.set(id, holders);
    const others = nodes.filter((node) => node !== name);
    await Promise.all(
      others.map(async (node) => {
        await this.#step(node, `take ${id}`, deadline);
        holders.add(node);
      }),
    );
    await script.tell(`snapshot taken ${id}`, deadline);
  }

  /** Makes sure that a node has a snapshot; the node need not run. */
  async bring(id: string, node: string, deadline: Deadline): Promise<void> {
    const holders = this.#holders.get(id);
    const [from] = holders ?? [];
    if (!holders || from === undefined) throw new Error(`there is no snapshot ${id}`);
    if (holders.has(node)) return;
    const what = `copy a snapshot from ${from} to ${node}`;
    const archive = await call(deadline, what, (abortSignal) =>
      this.#holderOf(from).container.getArchive({ path: `${snapshots}/${id}`, abortSignal }),
    );
    try {
      await call(deadline, what, (abortSignal) =>
        this.#holderOf(node).container.putArchive(archive, { path: snapshots, abortSignal }),
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
          this.#holderOf(node).container,
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
  async #step(node: string, step: string, deadline: Deadline): Promise<void> {
    const what = `a snapshot of the cluster, in ${node}`;
    const { script } = this.#holderOf(node);
    const problem = await timed(`save-snapshot.sh ${step} in ${node}`, () =>
      script.ask(`snapshot ${step}`, what, deadline),
    );
    if (problem === '') return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `could not take a snapshot of the cluster: save-snapshot.sh ${step} ${problem} in ${node}`,
    );
  }
}
