import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import { text } from '../../base/value-rules';
import { newId } from '../../cleanup/session';
import type { Cluster } from '../cluster';
import type { Moment } from '../moment';
import { expectPutBack, putBack } from './put-back';

const snapshotMs = 60_000;
const dropMs = 10_000;

/** The name of the snapshot that is taken and restored when none is given. */
const usualName = 'default';
export const snapshotName = text(1000, /./s, 'a text that is not empty');

/** What the cluster can be put back to, by the names that tests gave. */
export class Snapshots {
  readonly #cluster: Cluster;
  readonly #moments = new Map<string, Moment>();
  /** Not dropped, though another one may have taken its name. */
  readonly #kept = new Set<Moment>();
  /** Called for each snapshot that was taken. */
  onTaken: (moment: Moment) => void = () => {};

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Keeps the cluster as it is now. Sessions go on meanwhile. */
  async take(name: string = usualName): Promise<void> {
    const cluster = this.#cluster;
    let taken: Moment | undefined;
    await cluster.change('snapshot', async (tell) => {
      const deadline = Deadline.in(snapshotMs);
      tell({ detail: name });
      await cluster.exclusively(cluster.nodes, async () => {
        await requireWhole(cluster, deadline);
        const id = newId();
        // Before the data: these are of the same moment, or a little older.
        taken = await cluster.now(id, deadline);
        await cluster.saveSnapshot(id, deadline);
      });
      return true;
    });
    if (!taken) throw new Error('no snapshot was taken');
    const former = this.#moments.get(name);
    this.#moments.set(name, taken);
    this.onTaken(taken);
    if (former) this.#dropUnlessNeeded(former);
    expectPutBack(taken);
  }

  /** Puts the cluster back to the snapshot of that name. */
  async restore(name: string = usualName): Promise<void> {
    const moment = this.#moments.get(name);
    if (!moment) {
      const known = [...this.#moments.keys()].map((key) => JSON.stringify(key)).join(', ');
      throw new PgClusterError(
        'ERR_PG_CLUSTER_ARGUMENT',
        `there is no snapshot ${JSON.stringify(name)}; ${known === '' ? 'take one by snapshot()' : `there are ${known}`}`,
      );
    }
    await this.putBack(moment, name);
  }

  /** Puts the cluster back to a moment that is one of these, or its birth. */
  putBack(moment: Moment, name?: string): Promise<void> {
    return this.#cluster.change(
      moment === this.#cluster.birth ? 'reset' : 'restore',
      async (tell) => {
        if (name !== undefined) tell({ detail: name });
        await putBack(this.#cluster, moment, Deadline.in(snapshotMs));
        return true;
      },
    );
  }

  /** Until `release`, a snapshot can be restored, whatever is done under its name. */
  keep(moment: Moment): void {
    this.#kept.add(moment);
  }

  release(moment: Moment): void {
    this.#kept.delete(moment);
    this.#dropUnlessNeeded(moment);
  }

  /** Drops all. */
  clear(): void {
    const all = new Set([...this.#moments.values(), ...this.#kept]);
    this.#moments.clear();
    this.#kept.clear();
    for (const moment of all) this.#dropUnlessNeeded(moment);
  }

  #dropUnlessNeeded(moment: Moment): void {
    if (this.#kept.has(moment) || [...this.#moments.values()].includes(moment)) return;
    const id = moment.members[0]?.snapshot.id;
    if (id === undefined) return;
    // What stays takes room until the cluster ends, and harms nobody.
    this.#cluster.dropSnapshot(id, Deadline.inBackground(dropMs)).catch(() => {});
  }
}

/** It would bring back what a fault has made, but not the fault. */
async function requireWhole(cluster: Cluster, deadline: Deadline): Promise<void> {
  // What others have ended or started is no fault of ours any more.
  await Promise.all(cluster.nodes.map((node) => node.observe(deadline)));
  const [fault] = cluster.faults.all;
  if (fault) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `no snapshot can be taken: ${fault.node} is ${fault.kind}; undo that first, or heal()`,
    );
  }
  for (const node of cluster.nodes) await node.requireRunning('be part of a snapshot', deadline);
  const tablespaces = await cluster.master.sql<{ name: string }>(
    `SELECT spcname AS name FROM pg_tablespace WHERE spcname NOT LIKE 'pg\\_%'`,
    [],
    deadline,
  );
  if (tablespaces.length === 0) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_UNSUPPORTED',
    `no snapshot can be taken: there are tablespaces (${tablespaces.map(({ name }) => name).join(', ')}), whose files are outside of the data directory`,
  );
}
