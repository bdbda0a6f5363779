import type { Caught } from './traps';

/** A statement whose reply the client does not get, from the first message of that reply on. */
export class LostReply {
  readonly caught: Caught;
  #tag: string | null = null;
  #hasEnded = false;
  #isCommitted = false;

  constructor(caught: Caught) {
    this.caught = caught;
  }

  /** Whether it has come to its end: it may still fail to be committed. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Of its CommandComplete; null if it failed. */
  get tag(): string | null {
    return this.#tag;
  }

  ends(tag: string | null): void {
    this.#hasEnded = true;
    this.#tag = tag;
    this.#isCommitted = isCommit(tag);
  }

  /** Something before the next ReadyForQuery failed, and took what was not committed with it. */
  fails(): void {
    if (!this.#isCommitted) this.#tag = null;
  }

  /** Another statement in the same implicit transaction, or of the same Query, has ended. */
  isFollowedBy(tag: string): void {
    this.#isCommitted ||= isCommit(tag);
    if (this.caught.isWhole) this.#tag = tag;
  }
}

function isCommit(tag: string | null): boolean {
  return tag !== null && /^(COMMIT|PREPARE TRANSACTION)/.test(tag);
}
