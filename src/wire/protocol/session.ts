import { ownApplicationName } from '../../postgres/own-application-name';
import type { Ending } from '../requests';
import { type Asked, Execution, isFor, sqlOf } from './asked';
import { Conversation } from './conversation';
import { endOfText, textAt } from './frontend-messages';
import { Login, type LoginEnd } from './login';
import { LostReply } from './lost-reply';
import { type Decision, MessageStream } from './message-stream';
import { backend, backendThatMatter, frontend, frontendThatMatter } from './message-types';
import { Parked } from './parked';
import { LoggedMessage, type QueryLog, type Runner } from './query-log';
import type { Caught, Traps } from './traps';

/** What a session may ask of the link that it belongs to. */
export interface SessionHost {
  /** To the server, beside what the client sends. */
  toServer(bytes: Buffer): void;
  /** A trap has caught a statement and is done with it: the link is ended that way now. */
  cut(ending: Ending): void;
}

/** What passes on now. */
export type Passing = Buffer | readonly Buffer[];

/** Who a client is, as far as it is known. */
export interface ClientIdentity {
  readonly user?: string;
  readonly database?: string;
  readonly applicationName: string;
  /** Of its backend. */
  readonly pid?: number;
}

/** The texts of long Queries are searched up to here. */
const mostSearched = 1024 * 1024;
const syncMessage = Buffer.from([frontend.sync, 0, 0, 0, 4]);
const nothing: readonly Buffer[] = [];
const passes: Decision = { before: nothing, passes: true };
const isWithheld: Decision = { before: nothing, passes: false };

/**
 * One client's connection to one server, as its two streams of bytes tell. It writes down what is
 * run, and has traps catch statements. What it does not understand passes as it is.
 */
export class Session {
  readonly #traps: Traps;
  readonly #log: QueryLog;
  readonly #host: SessionHost;
  readonly #login = new Login();
  readonly #conversation = new Conversation((execution) => this.#write(execution));
  readonly #parked = new Parked();
  readonly #fromClient = new MessageStream(frontendThatMatter, (type, bytes, start, end) =>
    this.#conversation.passes(this.#conversation.read(type, bytes, start, end)),
  );
  readonly #fromServer = new MessageStream(backendThatMatter, (type, bytes, start, end) =>
    this.#hear(type, bytes, start, end),
  );
  #phase: 'login' | 'messages' | 'opaque' | 'cut' = 'login';
  #identity: ClientIdentity = { applicationName: '' };
  #runner: Runner | undefined;
  #isOurs = false;
  #lost: LostReply | undefined;
  /** For a Sync of ours to be sent, the client's message has to be whole; then nothing follows. */
  #syncs: 'no' | 'after this message' | 'done' = 'no';

  constructor(o: { traps: Traps; log: QueryLog }, host: SessionHost) {
    this.#traps = o.traps;
    this.#log = o.log;
    this.#host = host;
  }

  get client(): ClientIdentity {
    return this.#identity;
  }

  fromClient(chunk: Buffer): Passing {
    switch (this.#phase) {
      case 'messages':
        return this.#clientMessages(chunk);
      case 'login':
        return this.#beginOf(chunk);
      case 'opaque':
        return chunk;
      case 'cut':
        return nothing;
    }
  }

  fromServer(chunk: Buffer): Passing {
    switch (this.#phase) {
      case 'messages':
        return this.#serverMessages(chunk);
      case 'login': {
        const end = this.#login.fromServer(chunk);
        if (end) this.#loggedIn(end);
        // What the client did not wait to send has passed already.
        if (end && end !== 'opaque') this.#fromClient.scan(end.rest);
        return chunk;
      }
      case 'opaque':
        return chunk;
      case 'cut':
        return nothing;
    }
  }

  /** The connection is over. A reply that was being lost is lost in another way. */
  ended(): void {
    if (this.#phase === 'cut') return;
    this.#phase = 'cut';
    this.#giveUp();
  }

  #beginOf(chunk: Buffer): Passing {
    const end = this.#login.fromClient(chunk);
    if (end) this.#loggedIn(end);
    if (!end || end === 'opaque' || end.rest.length === 0) return chunk;
    const passing = this.#clientMessages(end.rest);
    const head = chunk.subarray(0, chunk.length - end.rest.length);
    return [head, ...(Buffer.isBuffer(passing) ? [passing] : passing)];
  }

  #loggedIn(end: LoginEnd): void {
    if (end === 'opaque') {
      this.#phase = 'opaque';
      return;
    }
    const user = end.parameters.get('user') ?? '';
    const database = end.parameters.get('database') || user;
    this.#know({ user, database, applicationName: end.parameters.get('application_name') ?? '' });
    this.#phase = 'messages';
  }

  #clientMessages(chunk: Buffer): Passing {
    if (this.#syncs !== 'no') return this.#beforeSync(chunk);
    const stream = this.#fromClient;
    const passing =
      this.#traps.isEmpty && this.#parked.isEmpty
        ? stream.scan(chunk)
        : stream.judge(chunk, this.#decide);
    const isUnderstood = !stream.isGarbage && !this.#conversation.isTooLong;
    if (isUnderstood || this.#phase === 'cut') return passing;
    this.#giveUp();
    if (Buffer.isBuffer(passing)) return passing;
    return [...passing, ...this.#takeWaiting()];
  }

  /** What has not passed, since it was to be decided upon. */
  #takeWaiting(): Buffer[] {
    return [...this.#parked.take().map(({ bytes }) => bytes), this.#fromClient.takeHeld()];
  }

  /** Whether a client's message passes. */
  readonly #decide = (type: number, bytes: Buffer, start: number, end: number): Decision => {
    if (this.#phase === 'cut') return isWithheld;
    // Mostly one of many rows of a copy.
    if (this.#parked.isEmpty && !frontendThatMatter.includes(type)) return passes;
    const asked = this.#conversation.read(type, bytes, start + 5, end);
    if (asked instanceof Execution) {
      const caught = this.#catch(asked, bytes, start + 5, end);
      if (caught?.lose === 'request') return this.#loseRequest(asked, caught);
      asked.caught = caught;
      // Nothing overtakes what is parked, and this may have to do with it.
      if (!caught && !this.#parked.isEmpty) return this.#park(asked, bytes, start, end);
    } else if (preparing.includes(type)) {
      const sql = this.#conversation.skips ? undefined : sqlOf(asked);
      const parks =
        !this.#parked.isEmpty || (sql !== undefined && this.#traps.wouldLoseRequest(sql));
      if (parks) return this.#park(asked, bytes, start, end);
    }
    const before = this.#unpark();
    this.#conversation.passes(asked);
    return before.length === 0 ? passes : { before, passes: true };
  };

  #catch(asked: Execution, bytes: Buffer, start: number, end: number): Caught | undefined {
    if (this.#conversation.skips || this.#traps.isEmpty) return undefined;
    const isQuery = asked.by === frontend.query;
    if (!isQuery && !asked.portal) return undefined;
    return this.#traps.catch(isQuery ? textAt(bytes, start, end, mostSearched) : asked.sql);
  }

  #park(asked: Asked | undefined, bytes: Buffer, start: number, end: number): Decision {
    const message = bytes.subarray(start, end);
    const isWhole = message.readInt32BE(1) + 1 === message.length;
    if (isWhole && this.#parked.add(asked, message)) return isWithheld;
    // Too much to be kept: only its execution will be lost.
    const before = this.#unpark();
    this.#conversation.passes(asked);
    return { before, passes: true };
  }

  #unpark(): Buffer[] {
    if (this.#parked.isEmpty) return [];
    return this.#parked.take().map(({ asked, bytes }) => {
      this.#conversation.passes(asked);
      return bytes;
    });
  }

  /** What was parked for others passes. */
  #loseRequest(asked: Execution, caught: Caught): Decision {
    const others = this.#parked.take().filter((parked) => !isFor(parked.asked, asked));
    for (const other of others) this.#conversation.passes(other.asked);
    this.#cut(caught, null);
    return { before: others.map(({ bytes }) => bytes), passes: false };
  }

  #serverMessages(chunk: Buffer): Passing {
    const stream = this.#fromServer;
    const passing =
      this.#lost || this.#conversation.doomed.length > 0
        ? stream.filter(chunk, this.#serverPasses)
        : stream.scan(chunk);
    if (stream.isGarbage && this.#phase === 'messages') {
      this.#giveUp();
      for (const bytes of this.#takeWaiting()) this.#host.toServer(bytes);
    }
    return passing;
  }

  /** Whether a server's message passes. */
  readonly #serverPasses = (type: number): boolean => {
    if (this.#phase === 'cut') return false;
    const answered = this.#conversation.answeredNow;
    if (!this.#lost && answered?.caught) {
      if (answered.caught.isDisarmed) this.#conversation.spare(answered);
      else this.#lost = new LostReply(answered.caught);
    }
    // For the statement to go on, the client has to know that it is to send something.
    const asksForMore = type === backend.copyInResponse || type === backend.copyBothResponse;
    return !this.#lost || asksForMore;
  };

  #hear(type: number, bytes: Buffer, start: number, end: number): void {
    if (this.#phase === 'cut') return;
    if (type === backend.parameterStatus) {
      if (textAt(bytes, start, end) !== 'application_name') return;
      const value = endOfText(bytes, start, end) + 1;
      this.#know({ applicationName: textAt(bytes, value, end) });
      return;
    }
    if (type === backend.backendKeyData) {
      if (end - start >= 4) this.#know({ pid: bytes.readInt32BE(start) });
      return;
    }
    const ended = this.#conversation.answers(type, bytes, start, end);
    if (ended?.caught || this.#lost) this.#hearOfLost(type, ended, bytes, start, end);
  }

  #hearOfLost(
    type: number,
    ended: Execution | undefined,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const caught = ended?.caught;
    if (ended && caught && !ended.caughtHasEnded) {
      // A statement before it, in the same Query, has ended; if it failed, this one is not run.
      if (type !== backend.errorResponse) return;
      caught.giveBack();
      this.#conversation.spare(ended);
      return;
    }
    const lost = this.#lost;
    if (!lost) return;
    const tag = type === backend.commandComplete ? bytes.toString('latin1', start, end - 1) : null;
    if (type === backend.readyForQuery && lost.hasEnded) {
      this.#cut(lost.caught, lost.tag);
    } else if (caught === lost.caught && !lost.hasEnded) {
      lost.ends(tag);
      if (!this.#conversation.willBeReady) this.#sync();
    } else if (lost.hasEnded && type === backend.errorResponse) {
      lost.fails();
    } else if (lost.hasEnded && tag !== null) {
      lost.isFollowedBy(tag);
    }
  }

  /** The client waits for its answer, and the server for a Sync before it commits. */
  #sync(): void {
    if (!this.#fromClient.isBetweenMessages) {
      this.#syncs = 'after this message';
      return;
    }
    this.#syncs = 'done';
    this.#conversation.passesSync();
    this.#host.toServer(syncMessage);
  }

  /** The rest of a message that has begun, our Sync, and nothing else. */
  #beforeSync(chunk: Buffer): Passing {
    if (this.#syncs === 'done') return nothing;
    const rest = chunk.subarray(0, this.#fromClient.finish(chunk));
    if (!this.#fromClient.isBetweenMessages) return rest;
    this.#syncs = 'done';
    this.#conversation.passesSync();
    return [rest, syncMessage];
  }

  #cut(caught: Caught, tag: string | null): void {
    this.#phase = 'cut';
    for (const { caught: other } of this.#conversation.doomed) {
      if (other !== caught) other?.giveBack();
    }
    caught.tell({
      sql: caught.sql,
      applicationName: this.#identity.applicationName,
      at: Date.now(),
      tag,
    });
    // After what precedes it in the same chunk has passed.
    queueMicrotask(() => this.#host.cut(caught.ending));
  }

  /** What was caught is not lost by us. */
  #giveUp(): void {
    if (this.#phase === 'messages') this.#phase = 'opaque';
    for (const execution of this.#conversation.doomed) execution.caught?.giveBack();
    if (this.#lost?.hasEnded) this.#lost.caught.giveBack();
    this.#lost = undefined;
  }

  #write({ sql, portal }: Execution): LoggedMessage {
    const { user = '', database = '', applicationName, pid = 0 } = this.#identity;
    this.#runner ??= { user, database, applicationName, pid };
    const message = new LoggedMessage(sql, this.#runner, portal?.bound ?? '');
    // A ledger's writes would bury the others.
    if (!this.#isOurs) this.#log.add(message);
    return message;
  }

  #know(more: Partial<ClientIdentity>): void {
    this.#identity = { ...this.#identity, ...more };
    this.#runner = undefined;
    this.#isOurs = this.#identity.applicationName.startsWith(ownApplicationName);
  }
}

const preparing: readonly number[] = [
  frontend.parse,
  frontend.bind,
  frontend.describe,
  frontend.close,
];
