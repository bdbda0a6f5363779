import type { Execution } from './asked';
import type { Conversation } from './conversation';
import { LostReply } from './lost-reply';
import { backend } from './message-types';

/** What the gate of replies asks of its session. */
export interface ReplyGateHost {
  /** The server waits for a Sync before it commits, and the client for an answer before it sends one. */
  sendSync(): void;
  /** Its server is done with the statement, and the client has heard nothing of it. */
  isLost(lost: LostReply): void;
}

/**
 * Where a server's messages are decided upon while it answers what a trap has caught: from the
 * beginning of that answer nothing passes, and it is over when the server is ready for more, since
 * only then it is certain what became of the statement.
 */
export class ReplyGate {
  readonly #conversation: Conversation;
  readonly #host: ReplyGateHost;
  #lost: LostReply | undefined;

  constructor(conversation: Conversation, host: ReplyGateHost) {
    this.#conversation = conversation;
    this.#host = host;
  }

  /** Nothing has to be decided. */
  get isOpen(): boolean {
    return this.#lost === undefined && this.#conversation.doomed.length === 0;
  }

  /** Whether a server's message passes. */
  readonly decide = (type: number): boolean => {
    const answered = this.#lost ? undefined : this.#conversation.answeredNow;
    if (answered?.caught) {
      if (answered.caught.isDisarmed) this.#conversation.spare(answered);
      else this.#lost = new LostReply(answered.caught);
    }
    // For the statement to go on, the client has to know that it is to send something.
    const asksForMore = type === backend.copyInResponse || type === backend.copyBothResponse;
    return this.#lost === undefined || asksForMore;
  };

  /** What a server's message meant. @param tag of its CommandComplete, if it is one */
  hears(type: number, ended: Execution | undefined, tag: string | null): void {
    if (ended?.caught && !ended.caughtHasEnded) {
      this.#hearsOfEarlier(type, ended);
      return;
    }
    const lost = this.#lost;
    if (!lost) return;
    if (!lost.hasEnded) {
      if (ended?.caught !== lost.caught) return;
      lost.ends(tag);
      if (!this.#conversation.willBeReady) this.#host.sendSync();
    } else if (type === backend.readyForQuery) {
      this.#lost = undefined;
      this.#host.isLost(lost);
    } else if (type === backend.errorResponse) {
      lost.fails();
    } else if (tag !== null) {
      lost.isFollowedBy(tag);
    }
  }

  /** What was caught is lost in another way: the traps can catch another. */
  giveBack(): void {
    for (const { caught } of this.#conversation.doomed) caught?.giveBack();
    // One that has ended is among the doomed no more.
    if (this.#lost?.hasEnded) this.#lost.caught.giveBack();
    this.#lost = undefined;
  }

  /** A statement before it, in the same Query, has ended; if it failed, this one is not run. */
  #hearsOfEarlier(type: number, execution: Execution): void {
    if (type !== backend.errorResponse) return;
    execution.caught?.giveBack();
    this.#conversation.spare(execution);
  }
}
