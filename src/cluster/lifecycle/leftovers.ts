import { CleanupStack } from '../../base/cleanup-stack';
import type { Deadline } from '../../base/deadline';
import type { Node } from '../node';
import { dropSlot } from '../replication/follow';

/**
 * What could not be removed when it was time, the engine being away, say: heal and reset try again,
 * and at the latest it goes with the cluster.
 */
export class Leftovers {
  readonly #nodes = new CleanupStack();
  /** Of servers that did not run. */
  readonly #slots = new Set<{ readonly upstream: Node; readonly name: string }>();

  /** Runs this; what fails is tried again later. */
  async cleanUp(cleanup: CleanupStack, deadline: Deadline): Promise<void> {
    try {
      await cleanup.run(deadline);
    } finally {
      this.#nodes.adopt(cleanup);
    }
  }

  /** The same because of a failure, which it resolves to, with what else has failed. */
  async cleanUpAfter<E>(failure: E, cleanup: CleanupStack, deadline: Deadline): Promise<E> {
    const told = await cleanup.runAfter(failure, deadline);
    this.#nodes.adopt(cleanup);
    return told;
  }

  /** Resolves to whether there was anything; all of it is gone then. */
  async tryAgain(deadline: Deadline): Promise<boolean> {
    if (this.#nodes.isEmpty) return false;
    await this.#nodes.run(deadline);
    return true;
  }

  /** Drops a slot that nobody needs any more. One that stays keeps WAL, but breaks nothing. */
  async dropSlot(upstream: Node, name: string): Promise<void> {
    this.#slots.add({ upstream, name });
    await this.dropSlots();
  }

  async dropSlots(): Promise<void> {
    for (const slot of this.#slots) {
      if (await dropSlot(slot.upstream, slot.name)) this.#slots.delete(slot);
    }
  }

  /** The data of this server are no more, or those of all servers, and their slots with them. */
  forgetSlots(of?: Node): void {
    for (const slot of this.#slots) {
      if (of === undefined || slot.upstream === of) this.#slots.delete(slot);
    }
  }
}
