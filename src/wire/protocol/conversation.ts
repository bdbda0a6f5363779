import { type Asked, Execution, isFor, type Prepared } from './asked';
import { AskedQueue } from './asked-queue';
import { sqlStateOf } from './backend-messages';
import { backend, frontend } from './message-types';
import { PreparedNames } from './prepared-names';
import type { LoggedMessage } from './query-log';
import { endOfCopy, readAsked, sync } from './read-asked';

/** Whether the server says that it is ready for more when it has answered this. */
const endsInReady = ({ by }: Asked) =>
  by === frontend.sync || by === frontend.query || by === frontend.functionCall;

/**
 * What client and server have said to each other since the login: which statements were asked for,
 * under which names, and what came of them. "Message Flow" in PostgreSQL's manual has the rules.
 */
export class Conversation {
  readonly #write: (execution: Execution) => LoggedMessage;
  readonly #asked = new AskedQueue();
  readonly #names = new PreparedNames();
  /** Executions that a trap has caught, and of which the server has not told the end. */
  #doomed: Execution[] = [];
  #isLoggedIn = false;
  /** After an error the server skips all that comes, until a Sync. */
  #skips = false;
  /** While it reads a copy, the server takes no notice of a Sync. */
  #copiesIn = false;
  /** The last that has ended, and may be undone by what the Sync after it does. */
  #lastEnded: LoggedMessage | undefined;

  /** @param write has an execution written down */
  constructor(write: (execution: Execution) => LoggedMessage) {
    this.#write = write;
  }

  /** The server will not run what comes now. */
  get skips(): boolean {
    return this.#skips;
  }

  /** Far more was asked for than answered. */
  get isTooLong(): boolean {
    return this.#asked.isTooLong;
  }

  get doomed(): readonly Execution[] {
    return this.#doomed;
  }

  /** The one whose answer the server's next message belongs to, if a trap has caught it. */
  get answeredNow(): Execution | undefined {
    const [doomed] = this.#doomed;
    if (!doomed?.caught || this.#asked.taken < doomed.answeredFrom) return undefined;
    const isItsTurn = doomed.by === frontend.execute || this.#first === doomed;
    return isItsTurn && doomed.ends >= doomed.caughtIndex ? doomed : undefined;
  }

  /** Whether the server has been given reason to say that it is ready for more. */
  get willBeReady(): boolean {
    for (const asked of this.#asked) if (endsInReady(asked)) return true;
    return false;
  }

  /** What a client asks for with a message. Names hold from now on, whether it has passed or not. */
  read(type: number, bytes: Buffer, start: number, end: number): Asked | undefined {
    return readAsked(this.#names, type, bytes, start, end);
  }

  /** What was read goes to the server. */
  passes(asked: Asked | undefined): void {
    if (!asked) return;
    if (this.#copiesIn) {
      if (asked.by === frontend.copyDone) this.#copiesIn = false;
      if (asked.by === frontend.copyDone || asked.by === frontend.sync) return;
    }
    if (this.#skips) {
      if (asked.by !== frontend.sync) {
        this.#names.undo(asked);
        return;
      }
      this.#skips = false;
    }
    if (asked instanceof Execution) {
      asked.logged = this.#write(asked);
      if (asked.caught) this.#doom(asked);
    }
    this.#asked.add(asked);
  }

  /** A Sync that the client has not sent. */
  passesSync(): void {
    this.passes(sync);
  }

  /** It is let go. */
  spare(execution: Execution): void {
    execution.caught = undefined;
    this.#doomed = this.#doomed.filter((doomed) => doomed !== execution);
  }

  /** A message of the server's. @returns the execution of which a statement ends with it */
  answers(type: number, bytes: Buffer, start: number, end: number): Execution | undefined {
    switch (type) {
      case backend.commandComplete:
        return this.#ended(bytes.toString('latin1', start, Math.max(start, end - 1)));
      case backend.emptyQueryResponse:
      case backend.portalSuspended:
        return this.#ended(null);
      case backend.errorResponse:
        return this.#failed(sqlStateOf(bytes, start, end));
      case backend.parseComplete:
        this.#prepared();
        return undefined;
      case backend.bindComplete:
        this.#takeIf(frontend.bind);
        return undefined;
      case backend.closeComplete:
        this.#takeIf(frontend.close);
        return undefined;
      case backend.rowDescription:
      case backend.noData:
        this.#takeIf(frontend.describe);
        return undefined;
      case backend.copyInResponse:
        this.#beginsCopyIn();
        return undefined;
      case backend.readyForQuery:
        this.#ready();
        return undefined;
      default:
        return undefined;
    }
  }

  get #first(): Asked | undefined {
    // The end of a copy has no answer of its own.
    while (this.#asked.first === endOfCopy) this.#asked.take();
    return this.#asked.first;
  }

  #takeIf(by: number): boolean {
    if (this.#first?.by !== by) return false;
    this.#asked.take();
    return true;
  }

  #prepared(): void {
    const first = this.#first;
    if (this.#takeIf(frontend.parse)) (first as Prepared).replaced = undefined;
  }

  #ended(tag: string | null): Execution | undefined {
    let first = this.#first;
    while (first && !(first instanceof Execution) && !endsInReady(first)) {
      this.#asked.take();
      first = this.#first;
    }
    if (!(first instanceof Execution)) return undefined;
    first.logged?.ended(tag, null);
    first.ends += 1;
    this.#copiesIn = false;
    if (first.by === frontend.execute) {
      this.#asked.take();
      this.#lastEnded = first.logged;
    }
    if (first.caughtHasEnded) this.#forgetDoomed(first);
    return first;
  }

  #failed(sqlState: string | null): Execution | undefined {
    this.#copiesIn = false;
    const first = this.#first;
    if (!first || first.by === frontend.functionCall) return undefined;
    if (first.by === frontend.sync) {
      this.#lastEnded?.undone(sqlState);
      return undefined;
    }
    const failed = first instanceof Execution ? first : this.#executionOf(first);
    failed?.logged?.ended(null, sqlState);
    if (failed) failed.ends += 1;
    if (failed?.caught) this.#forgetDoomed(failed);
    if (first.by !== frontend.query) this.#skipToSync(failed);
    return failed;
  }

  /** The first that was being prepared for when something went wrong. */
  #executionOf(cause: Asked): Execution | undefined {
    for (const asked of this.#asked) {
      if (asked.by === frontend.sync) return undefined;
      if (!(asked instanceof Execution)) continue;
      const { portal } = asked;
      const isIts = cause === portal || cause === portal?.prepared;
      if (isIts || cause.by === frontend.describe) return asked;
    }
    return undefined;
  }

  #skipToSync(failed: Execution | undefined): void {
    const skipped: Asked[] = [];
    while (this.#asked.length > 0 && this.#asked.first?.by !== frontend.sync) {
      skipped.push(this.#asked.take() as Asked);
    }
    this.#skips = this.#asked.length === 0;
    for (const asked of skipped.reverse()) {
      this.#names.undo(asked);
      if (!(asked instanceof Execution) || asked === failed) continue;
      if (asked.logged) asked.logged.wasDiscarded = true;
      if (asked.caught) {
        asked.caught.giveBack();
        this.spare(asked);
      }
    }
  }

  #beginsCopyIn(): void {
    const end = this.#asked.removeBefore(frontend.copyDone, frontend.sync);
    this.#copiesIn = end === undefined;
  }

  #ready(): void {
    this.#copiesIn = false;
    this.#lastEnded = undefined;
    if (!this.#isLoggedIn) {
      this.#isLoggedIn = true;
      return;
    }
    for (let asked = this.#asked.take(); asked; asked = this.#asked.take()) {
      if (endsInReady(asked)) return;
    }
  }

  #doom(execution: Execution): void {
    this.#doomed.push(execution);
    const before = this.#asked.countAtEnd((asked) => isFor(asked, execution));
    execution.answeredFrom = this.#asked.taken + this.#asked.length - before;
  }

  /** The server has told how it ended. */
  #forgetDoomed(execution: Execution): void {
    this.#doomed = this.#doomed.filter((doomed) => doomed !== execution);
  }
}
