import { type Asked, Execution, isFor, sqlOf } from './asked';
import type { Conversation } from './conversation';
import { textAt } from './frontend-messages';
import { type Decision, headLength } from './message-stream';
import { frontend, frontendThatMatter } from './message-types';
import { Parked } from './parked';
import type { Caught, Traps } from './traps';

/** The texts of long Queries are searched up to here. */
const mostSearched = 1024 * 1024;
const passes: Decision = { before: [], passes: true };
const isWithheld: Decision = { before: [], passes: false };
const preparing: readonly number[] = [
  frontend.parse,
  frontend.bind,
  frontend.describe,
  frontend.close,
];

/**
 * Where a client's messages are decided upon while traps are armed: a Query that is to be lost does
 * not pass, nor does an Execute, nor what prepared it. Since it is not known whether what is being
 * prepared will be executed, that is parked until it is, or until a Sync.
 */
export class RequestGate {
  readonly #traps: Traps;
  readonly #conversation: Conversation;
  readonly #onLost: (caught: Caught) => void;
  readonly #parked = new Parked();
  #isShut = false;

  /** @param onLost hears what did not pass; nothing will pass after it */
  constructor(traps: Traps, conversation: Conversation, onLost: (caught: Caught) => void) {
    this.#traps = traps;
    this.#conversation = conversation;
    this.#onLost = onLost;
  }

  /** Nothing has to be decided. */
  get isOpen(): boolean {
    return this.#traps.isEmpty && this.#parked.isEmpty;
  }

  /** Whether a client's message passes. */
  readonly decide = (type: number, bytes: Buffer, start: number, end: number): Decision => {
    if (this.#isShut) return isWithheld;
    // Mostly one of many rows of a copy.
    if (this.#parked.isEmpty && !frontendThatMatter.includes(type)) return passes;
    const asked = this.#conversation.read(type, bytes, start + headLength, end);
    if (asked instanceof Execution) {
      const caught = this.#catch(asked, bytes, start + headLength, end);
      if (caught?.lose === 'request') return this.#lose(asked, caught);
      asked.caught = caught;
      // Nothing overtakes what is parked. A client that sends a Query waits for its answer.
      const waits = asked.by === frontend.execute && !caught && !this.#parked.isEmpty;
      if (waits) return this.#park(asked, bytes, start, end);
    } else if (preparing.includes(type)) {
      const sql = this.#conversation.skips ? undefined : sqlOf(asked);
      const mayBeLost = sql !== undefined && this.#traps.wouldLoseRequest(sql);
      if (mayBeLost || !this.#parked.isEmpty) return this.#park(asked, bytes, start, end);
    }
    return this.#pass(asked);
  };

  /** What is parked, which then is so no more, and is nobody's business. */
  takeParked(): Buffer[] {
    return this.#parked.take().map(({ bytes }) => bytes);
  }

  #catch(asked: Execution, bytes: Buffer, start: number, end: number): Caught | undefined {
    if (this.#conversation.skips || this.#traps.isEmpty) return undefined;
    if (asked.by === frontend.query) {
      return this.#traps.catch(textAt(bytes, start, end, mostSearched));
    }
    return asked.portal && this.#traps.catch(asked.sql);
  }

  #park(asked: Asked | undefined, bytes: Buffer, start: number, end: number): Decision {
    const message = bytes.subarray(start, end);
    const isWhole = message.readInt32BE(1) + 1 === message.length;
    if (isWhole && this.#parked.add(asked, message)) return isWithheld;
    // Too much to be kept: only its execution will be lost.
    return this.#pass(asked);
  }

  /** After what is parked. */
  #pass(asked: Asked | undefined): Decision {
    if (this.#parked.isEmpty) {
      this.#conversation.passes(asked);
      return passes;
    }
    const before = this.#parked.take();
    for (const parked of before) this.#conversation.passes(parked.asked);
    this.#conversation.passes(asked);
    return { before: before.map((parked) => parked.bytes), passes: true };
  }

  /** What was parked for others passes. */
  #lose(asked: Execution, caught: Caught): Decision {
    const others = this.#parked.take().filter((parked) => !isFor(parked.asked, asked));
    for (const other of others) this.#conversation.passes(other.asked);
    this.#isShut = true;
    this.#onLost(caught);
    return { before: others.map(({ bytes }) => bytes), passes: false };
  }
}
