import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline, within } from '../../base/deadline';
import { timed } from '../../base/step-times';
import type { Spares } from '../../engine/engine';
import type { EngineNode } from '../../engine/engine-node';
import { Cluster, type ClusterPlan } from '../cluster';
import type { Node } from '../node/node';
import type { Snapshot } from '../snapshots';
import type { SpareSet } from '../spare-slot';
import { createSpare, nodeOf } from './create-node';
import { startInOrder, untilStreaming, untilWhole } from './start-nodes';

const makeMs = 20_000;
/** How long spares that have been whole may take to tell that they still are. */
const quickMs = 3_000;

/** Begins to make spares for a snapshot that is likely to be restored. Returns whether it can. */
export function beginSpares(plan: ClusterPlan, snapshot: Snapshot): boolean {
  return plan.spares.fill(snapshot, (whenFree) => {
    // Without a wire nobody could lead clients to them.
    const spares = plan.endpoints && plan.engine.spares(snapshot.id);
    return spares && new SparesOfSnapshot(plan, snapshot, spares, whenFree);
  });
}

/**
 * A second set of servers for a cluster, which is made in the background as a snapshot has it. It can
 * take the place of the first in a moment, however long it takes to make servers as new.
 */
class SparesOfSnapshot implements SpareSet {
  readonly snapshot: Snapshot;
  readonly #plan: ClusterPlan;
  readonly #spares: Spares;
  #made: Promise<Cluster>;
  /** By when they have to be made. */
  #deadline: Deadline | undefined;
  #isRemoved = false;

  /** @param whenFree when there is room: a former set may still have to be removed */
  constructor(plan: ClusterPlan, snapshot: Snapshot, spares: Spares, whenFree: Promise<unknown>) {
    this.snapshot = snapshot;
    this.#plan = { ...plan, engine: spares.engine, endpoints: undefined };
    this.#spares = spares;
    this.#made = whenFree.then(() => this.#make((deadline) => this.#create(deadline)));
    // Whoever wants them gets the error.
    this.#made.catch(() => {});
  }

  get settled(): Promise<unknown> {
    return this.#made.catch(() => {});
  }

  makeAgain(former: readonly EngineNode[]): void {
    this.#made = this.#make((deadline) => this.#restore(former, deadline));
    this.#made.catch(() => {});
  }

  async whole(sql: string | undefined, deadline: Deadline): Promise<readonly Node[]> {
    const cluster = await within(deadline, 'spare servers', () => this.#made);
    const soon = deadline.atMost(quickMs);
    if (sql !== undefined) await cluster.master.sql(sql, [], soon);
    await untilWhole(cluster, soon);
    return cluster.nodes;
  }

  async takePlace(deadline: Deadline): Promise<void> {
    await this.#spares.changePlaces(deadline);
  }

  async remove(deadline: Deadline): Promise<void> {
    this.#isRemoved = true;
    const { engine } = this.#spares;
    // If they are still being made, that ends sooner so, but not all can be removed then.
    this.#deadline?.expire();
    await engine.remove(deadline).catch(() => {});
    await within(deadline, 'spare servers that are being made', async () => this.settled);
    await engine.remove(deadline);
  }

  /** @param begin makes nodes, in the order of the snapshot, that have its data when they are started */
  async #make(begin: (deadline: Deadline) => Promise<readonly Node[]>): Promise<Cluster> {
    const deadline = Deadline.inBackground(makeMs);
    this.#deadline = deadline;
    return timed('making spare servers', async () => {
      this.#refuseRemoved();
      const nodes = await begin(deadline);
      const newborn = twin(this.snapshot, nodes);
      const cluster = new Cluster({ plan: this.#plan, newborn, cleanup: new CleanupStack() });
      await startInOrder(
        nodes,
        async (node) => {
          this.#refuseRemoved();
          await node.start(deadline);
        },
        deadline,
      );
      await untilStreaming(cluster, deadline);
      return cluster;
    });
  }

  #create(deadline: Deadline): Promise<readonly Node[]> {
    const plan = this.#plan;
    const { id, members } = this.snapshot;
    const created = members.map(async ({ node, upstream, snapshot }) => {
      const role = upstream ? 'slave' : 'master';
      const as = { id, role, conf: () => snapshot(plan.engine).conf } as const;
      return nodeOf(plan, await createSpare(as, node, plan, deadline), node.shape);
    });
    return Promise.all(created);
  }

  /** @param former in the order of the snapshot */
  #restore(former: readonly EngineNode[], deadline: Deadline): Promise<readonly Node[]> {
    const plan = this.#plan;
    const restored = former.map(async (engineNode) => {
      const member = this.snapshot.members.find(({ node }) => node.name === engineNode.name);
      if (!member) throw new Error(`${engineNode.name} is none of the snapshot's`);
      const node = nodeOf(plan, engineNode, member.node.shape);
      await node.restore(member.snapshot(plan.engine), deadline);
      return node;
    });
    return Promise.all(restored);
  }

  #refuseRemoved(): void {
    if (this.#isRemoved) throw new Error('nobody needs these spares any more');
  }
}

/** The same snapshot of other nodes, in the same order. */
function twin(snapshot: Snapshot, nodes: readonly Node[]): Snapshot {
  const spareOf = (node: Node | undefined) => nodes.find(({ name }) => name === node?.name);
  return {
    ...snapshot,
    members: snapshot.members.map((member) => ({
      ...member,
      node: spareOf(member.node) ?? member.node,
      upstream: spareOf(member.upstream),
    })),
  };
}
