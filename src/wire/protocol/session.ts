import type { Ending } from '../requests';
import type { Execution } from './asked';
import { Conversation } from './conversation';
import { type ClientIdentity, Identity } from './identity';
import { Login, type LoginEnd } from './login';
import { MessageStream } from './message-stream';
import { backend, backendThatMatter, frontend, frontendThatMatter } from './message-types';
import { LoggedMessage, type QueryLog } from './query-log';
import { ReplyGate } from './reply-gate';
import { RequestGate } from './request-gate';
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

const syncMessage = Buffer.from([frontend.sync, 0, 0, 0, 4]);
const nothing: readonly Buffer[] = [];

/**
 * One client's connection to one server, as its two streams of bytes tell. It writes down what is
 * run, and has traps catch statements. What it does not understand passes as it is.
 */
export class Session {
  readonly #log: QueryLog;
  readonly #host: SessionHost;
  readonly #identity = new Identity();
  readonly #login = new Login();
  readonly #conversation = new Conversation((execution) => this.#write(execution));
  readonly #requests: RequestGate;
  readonly #replies: ReplyGate;
  readonly #fromClient = new MessageStream(frontendThatMatter, (type, bytes, start, end) =>
    this.#conversation.passes(this.#conversation.read(type, bytes, start, end)),
  );
  readonly #fromServer = new MessageStream(backendThatMatter, (type, bytes, start, end) =>
    this.#hear(type, bytes, start, end),
  );
  #phase: 'login' | 'messages' | 'opaque' | 'cut' = 'login';
  /** For a Sync of ours to be sent, the client's message has to be whole; then nothing follows. */
  #ourSync: 'none' | 'after this message' | 'sent' = 'none';

  constructor(o: { traps: Traps; log: QueryLog }, host: SessionHost) {
    this.#log = o.log;
    this.#host = host;
    this.#requests = new RequestGate(o.traps, this.#conversation, (caught) =>
      this.#cut(caught, null),
    );
    this.#replies = new ReplyGate(this.#conversation, {
      sendSync: () => this.#sendSync(),
      isLost: ({ caught, tag }) => this.#cut(caught, tag),
    });
  }

  get client(): ClientIdentity {
    return this.#identity.known;
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
      case 'login':
        this.#answersToLogin(chunk);
        return chunk;
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
    this.#replies.giveBack();
  }

  #beginOf(chunk: Buffer): Passing {
    const end = this.#login.fromClient(chunk);
    if (end) this.#loggedIn(end);
    if (!end || end === 'opaque' || end.rest.length === 0) return chunk;
    const passing = this.#clientMessages(end.rest);
    const head = chunk.subarray(0, chunk.length - end.rest.length);
    return [head, ...(Buffer.isBuffer(passing) ? [passing] : passing)];
  }

  #answersToLogin(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && this.#phase === 'login'; at += 1) {
      const end = this.#login.fromServer(chunk[at] as number);
      if (end) this.#loggedIn(end);
      if (!end || end === 'opaque') continue;
      // What the client did not wait to send has passed already.
      this.#fromClient.scan(end.rest);
      this.#fromServer.scan(chunk.subarray(at + 1));
    }
  }

  #loggedIn(end: LoginEnd): void {
    this.#phase = end === 'opaque' ? 'opaque' : 'messages';
    if (end !== 'opaque') this.#identity.startsUp(end.parameters);
  }

  #clientMessages(chunk: Buffer): Passing {
    if (this.#ourSync !== 'none') return this.#untilOurSync(chunk);
    const stream = this.#fromClient;
    const passing = this.#requests.isOpen
      ? stream.scan(chunk)
      : stream.judge(chunk, this.#requests.decide);
    const isUnderstood = !stream.isGarbage && !this.#conversation.isTooLong;
    if (isUnderstood || this.#phase === 'cut') return passing;
    const waiting = this.#giveUp();
    return Buffer.isBuffer(passing) ? passing : [...passing, ...waiting];
  }

  #serverMessages(chunk: Buffer): Passing {
    const stream = this.#fromServer;
    const passing = this.#replies.isOpen
      ? stream.scan(chunk)
      : stream.filter(chunk, (type) => this.#phase !== 'cut' && this.#replies.decide(type));
    if (stream.isGarbage && this.#phase === 'messages') {
      for (const bytes of this.#giveUp()) this.#host.toServer(bytes);
    }
    return passing;
  }

  #hear(type: number, bytes: Buffer, start: number, end: number): void {
    if (this.#phase === 'cut' || this.#identity.hears(type, bytes, start, end)) return;
    const ended = this.#conversation.answers(type, bytes, start, end);
    if (!ended?.caught && this.#replies.isOpen) return;
    const isTag = type === backend.commandComplete;
    this.#replies.hears(type, ended, isTag ? bytes.toString('latin1', start, end - 1) : null);
  }

  #sendSync(): void {
    if (!this.#fromClient.isBetweenMessages) {
      this.#ourSync = 'after this message';
      return;
    }
    this.#ourSync = 'sent';
    this.#conversation.passesSync();
    this.#host.toServer(syncMessage);
  }

  /** The rest of a message that has begun, our Sync, and nothing else. */
  #untilOurSync(chunk: Buffer): Passing {
    if (this.#ourSync === 'sent') return nothing;
    const rest = chunk.subarray(0, this.#fromClient.finish(chunk));
    if (!this.#fromClient.isBetweenMessages) return rest;
    this.#ourSync = 'sent';
    this.#conversation.passesSync();
    return [rest, syncMessage];
  }

  #cut(caught: Caught, tag: string | null): void {
    this.#phase = 'cut';
    this.#replies.giveBack();
    const told = caught.tell({
      sql: caught.sql,
      applicationName: this.#identity.known.applicationName,
      at: performance.timeOrigin + performance.now(),
      tag,
    });
    // Later, so that what precedes it in the same chunk has passed, and a test whose client has met
    // the loss finds the hit in the trap.
    void Promise.resolve(told).then(() => this.#host.cut(caught.ending));
  }

  /** From now on all passes. @returns what has not passed, since it was to be decided upon */
  #giveUp(): Buffer[] {
    this.#phase = 'opaque';
    this.#replies.giveBack();
    return [...this.#requests.takeParked(), this.#fromClient.takeHeld()];
  }

  #write({ sql, portal }: Execution): LoggedMessage {
    const message = new LoggedMessage(sql, this.#identity.runner, portal?.bound ?? '');
    // A ledger's writes would bury the others.
    if (!this.#identity.isOurs) this.#log.add(message);
    return message;
  }
}
