import type { QueryRecord, WhichQueries } from '../requests';
import { type Bound, parametersOf } from './frontend-messages';
import { matcher, statementsOf } from './traps';

/** The newest statements of a node are kept, so many and so much of their text. */
const mostStatements = 10_000;
const spareStatements = 2_000;
const mostText = 4 * 1024 * 1024;

/** What came of a statement. */
interface End {
  readonly tag: string | null;
  readonly sqlState: string | null;
  /** On the clock of performance.now(). */
  readonly at: number;
}

/** Who ran something; one object for all that it runs. */
export interface Runner {
  readonly user: string;
  readonly database: string;
  readonly pid: number;
  readonly applicationName: string;
}

/** A message that has a server run something. There are many, so they are small. */
export class LoggedMessage {
  readonly sql: string;
  readonly runner: Runner;
  /** What is kept of the Bind message. */
  readonly bound: Bound;
  readonly at = performance.now();
  /** The same in milliseconds since the epoch, by the clock that tests read. */
  readonly wallAt = Date.now();
  /** An error before it, in the same pipeline, kept it from being run. */
  wasDiscarded = false;
  #end: End | undefined;
  #laterEnds: End[] | undefined;

  constructor(sql: string, runner: Runner, bound: Bound) {
    this.sql = sql;
    this.runner = runner;
    this.bound = bound;
  }

  /** One for each statement in it that has ended. */
  get ends(): readonly End[] {
    return this.#end ? [this.#end, ...(this.#laterEnds ?? [])] : [];
  }

  ended(tag: string | null, sqlState: string | null): void {
    const end = { tag, sqlState, at: performance.now() };
    if (!this.#end) this.#end = end;
    else if (this.#laterEnds) this.#laterEnds.push(end);
    else this.#laterEnds = [end];
  }

  /** When the last thing that is known of it happened, in milliseconds since the epoch. */
  get lastAt(): number {
    const last = this.#laterEnds?.at(-1) ?? this.#end ?? this;
    return this.wallAt + last.at - this.at;
  }

  /** What it had done was undone when its implicit transaction was to be committed. */
  undone(sqlState: string | null): void {
    if (this.#end) this.#end = { ...this.#end, tag: null, sqlState };
  }

  /** So much of it is kept. */
  get size(): number {
    return this.sql.length + this.bound.length;
  }
}

/** What clients ran on one node. */
export class QueryLog {
  #messages: LoggedMessage[] = [];
  #text = 0;

  add(message: LoggedMessage): void {
    this.#messages.push(message);
    this.#text += message.size;
    // Not one by one: that would move all of them each time.
    const isLong = this.#messages.length >= mostStatements + spareStatements;
    if (isLong || this.#text >= 2 * mostText) this.#trim();
  }

  /** In the order in which they began. */
  tell({ since = 0, matching, parameters = false }: WhichQueries): QueryRecord[] {
    this.#trim();
    const matches = matching ? matcher(matching) : () => true;
    return this.#messages
      .filter(({ wasDiscarded, lastAt }) => !wasDiscarded && lastAt >= since)
      .flatMap((message) => recordsOf(message, parameters))
      .filter(({ at, sql }) => at >= since && matches(sql))
      .slice(-mostStatements);
  }

  forget(): void {
    this.#messages = [];
    this.#text = 0;
  }

  #trim(): void {
    let first = Math.max(0, this.#messages.length - mostStatements);
    for (const { size } of this.#messages.slice(0, first)) this.#text -= size;
    while (this.#text > mostText) {
      this.#text -= this.#messages[first]?.size ?? this.#text;
      first += 1;
    }
    this.#messages.splice(0, first);
  }
}

/** One for each statement of a message, if it can be told which has come to which end. */
function recordsOf(message: LoggedMessage, withParameters: boolean): QueryRecord[] {
  const { ends } = message;
  const sqls = sqlsOf(message.sql, ends);
  return sqls.map((sql, index) => {
    const end = sqls.length === 1 ? ends.at(-1) : ends[index];
    const startedAt = index === 0 ? message.at : (ends[index - 1]?.at ?? message.at);
    return {
      sql: sql.trim(),
      ...message.runner,
      at: message.wallAt + startedAt - message.at,
      durationMs: end ? end.at - startedAt : null,
      tag: end?.tag ?? null,
      sqlState: end?.sqlState ?? null,
      rows: rowsOf(end?.tag),
      ...(withParameters && { parameters: parametersOf(message.bound) }),
    };
  });
}

/** The statements that have ended, or the one that runs; all as one, if their ends tell otherwise. */
function sqlsOf(text: string, ends: readonly End[]): readonly string[] {
  const statements = text.includes(';') ? statementsOf(text) : [text];
  const [first] = ends;
  // The server reads all of them before it runs the first.
  const wasNeverRun = ends.length === 1 && first?.sqlState === syntaxError;
  if (statements.length === 1 || wasNeverRun || ends.length > statements.length) return [text];
  return statements.slice(0, Math.max(1, ends.length));
}

const syntaxError = '42601';

/** As in `SELECT 5` and `INSERT 0 5`: "CommandComplete" in the manual. */
function rowsOf(tag: string | null | undefined): number {
  const [, rows] =
    /^(?:SELECT|INSERT \d+|UPDATE|DELETE|MERGE|MOVE|FETCH|COPY) (\d+)$/.exec(tag ?? '') ?? [];
  return Number(rows ?? 0);
}
