import { CleanupStack } from '../base/cleanup-stack';
import type { Deadline } from '../base/deadline';
import type { Node } from './node/node';

/** A replication slot that nobody needs any more. */
export interface UnusedSlot {
  readonly upstream: Node;
  readonly name: string;
}

/**
 * What could not be removed in time, because the engine was away, say. Heal and reset try again;
 * the end of the cluster removes it at the latest.
 */
export class PendingRemovals {
  readonly #nodes = new CleanupStack();
  /** On servers that did not run. */
  readonly #slots = new Set<UnusedSlot>();

  /** Runs `cleanup`; what fails is tried again later. */
  async cleanUp(cleanup: CleanupStack, deadline: Deadline): Promise<void> {
    try {
      await cleanup.run(deadline);
    } finally {
      this.#nodes.adopt(cleanup);
    }
  }

  /**
   * The same after a failure: resolves to that failure, whose message tells what else has failed.
   */
  async cleanUpAfter<E>(failure: E, cleanup: CleanupStack, deadline: Deadline): Promise<E> {
    const told = await cleanup.runAfter(failure, deadline);
    this.#nodes.adopt(cleanup);
    return told;
  }

  /** Resolves to whether anything was left. All of it is gone then. */
  async tryAgain(deadline: Deadline): Promise<boolean> {
    if (this.#nodes.isEmpty) return false;
    await this.#nodes.run(deadline);
    return true;
  }

  get slots(): readonly UnusedSlot[] {
    return [...this.#slots];
  }

  addSlot(slot: UnusedSlot): void {
    this.#slots.add(slot);
  }

  slotDropped(slot: UnusedSlot): void {
    this.#slots.delete(slot);
  }

  /** The data of this server, or of all servers, are gone, and their slots with them. */
  forgetSlots(of?: Node): void {
    for (const slot of this.#slots) {
      if (of === undefined || slot.upstream === of) this.#slots.delete(slot);
    }
  }
}
