/**
 * What a recording is made of: a file for each attempt at a test file, a record a line, as JSON.
 * Every record is written when it happens, so what a killed process has written is all there.
 */

/** The version of this format. A reader refuses others. */
export const recordingVersion = 1;

/** How the names of these files end. */
export const recordingExtension = '.jsonl';

/** Milliseconds since the recording began, on a clock that never goes back. */
export type Moment = number;

/** A record without its moment. */
export type Happening =
  | Begin
  | TestBegins
  | TestEnds
  | HookBegins
  | HookEnds
  | ActBegins
  | ActEnds
  | FaultOn
  | FaultOff
  | NodeIs
  | LagIs
  | Statements
  | TrapHit
  | LedgerIs
  | LedgerWrites
  | EndpointIs
  | LogLines
  | LeftOut
  | End;

/** One line of a recording. */
export type RecordLine = Happening & { readonly at: Moment };

/** The first record. */
export interface Begin {
  readonly kind: 'begin';
  readonly version: typeof recordingVersion;
  /** The path of the test file, relative to Jest's rootDir, with `/`. */
  readonly file: string;
  /** The name of Jest's project; null if it has none. */
  readonly project: string | null;
  /** Milliseconds since the epoch when `at` was 0. */
  readonly startedAt: number;
  readonly pid: number;
  /** JEST_WORKER_ID. */
  readonly worker: string;
  /** As given by `--shard`, say `2/3`; null without it. */
  readonly shard: string | null;
  readonly engine: string;
  /** PostgreSQL's major version. */
  readonly postgres: number | null;
  /** The names of the nodes that the cluster has now. */
  readonly nodes: readonly string[];
}

/** A test's body or one of its hooks begins. */
export interface TestBegins {
  readonly kind: 'test begins';
  /**
   * Counts from 1 in a file, also for each further attempt: names may occur twice, and a test may be
   * tried again.
   */
  readonly test: number;
  /** With those of its blocks, as Jest prints it. */
  readonly name: string;
  /** 1, or more if Jest tries it again. */
  readonly attempt: number;
}

export interface TestEnds {
  readonly kind: 'test ends';
  readonly test: number;
  readonly outcome: 'passed' | 'failed';
  /** As Jest shows them, without colours. */
  readonly errors: readonly string[];
}

/** A beforeAll, beforeEach, afterEach or afterAll. */
export interface HookBegins {
  readonly kind: 'hook begins';
  readonly hook: number;
  readonly type: 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll';
  /** The block that it stands in; null for the file. */
  readonly block: string | null;
}

export interface HookEnds {
  readonly kind: 'hook ends';
  readonly hook: number;
  readonly error: string | null;
}

/** Something is done to the cluster: an act of a test, a heal, a reset. */
export interface ActBegins {
  readonly kind: 'act begins';
  readonly act: number;
  /** As on the cluster's timeline: `pause`, `failover`, `heal` … */
  readonly what: string;
  /** Null if it is done to the whole cluster. */
  readonly node: string | null;
  /** The test or block that it is done in; null between them. */
  readonly during: string | null;
}

export interface ActEnds {
  readonly kind: 'act ends';
  readonly act: number;
  readonly outcome: 'done' | 'unchanged' | 'failed';
  readonly detail: string | null;
}

/** A fault begins to hold. A node has at most one of each sort. */
export interface FaultOn {
  readonly kind: 'fault on';
  /** The name of a node; `writer` or `reader` for what was done to an endpoint. */
  readonly node: string;
  /** Completes `pg1 is …`: `paused`, `cut off from clients`, `waiting to cut at COMMIT` … */
  readonly fault: string;
}

export interface FaultOff {
  readonly kind: 'fault off';
  readonly node: string;
  readonly fault: string;
  /**
   * What ended it: an act (its name), `heal`, `reset`, `restore`, `the server’s end`, `removal`, `the
   * trap’s last hit`, or `the end of the cluster`; `unknown` if it was none of them.
   */
  readonly by: string;
}

/** What a node is from now on. Written at the beginning, and when something of it changes. */
export interface NodeIs {
  readonly kind: 'node';
  readonly node: string;
  /** `gone`: it was removed from the cluster. */
  readonly role: 'master' | 'slave' | 'gone';
  /** The node that it should stream from; null for a master, and for a former one until it rejoins. */
  readonly upstream: string | null;
  readonly state: 'running' | 'paused' | 'stopped';
  /** PostgreSQL's timeline, as far as it is known. */
  readonly timelineId: number | null;
}

/**
 * How far a slave is behind its master. Written when it changes. What could not be seen is null, never
 * guessed.
 */
export interface LagIs {
  readonly kind: 'lag';
  readonly node: string;
  readonly bytes: number | null;
  readonly ms: number | null;
}

/** What clients ran on a node: one statement, or many alike that ran one after another. */
export interface Statements {
  readonly kind: 'statements';
  readonly node: string;
  /** When the first of them began; `at` is when they were written down. */
  readonly since: Moment;
  /** When the last of them ended; null if one has not. */
  readonly until: Moment | null;
  readonly count: number;
  /** The verb alone (`SELECT`), or the text if the reporter was told to keep it. */
  readonly sql: string;
  readonly applicationName: string;
  /** The SQLSTATE of those that failed; null if they were done or have not ended. */
  readonly sqlState: string | null;
  /** Of the slowest of them. */
  readonly maxMs: number | null;
}

/** A trap has cut a statement. */
export interface TrapHit {
  readonly kind: 'hit';
  readonly node: string;
  /** The verb, or the text: see Statements. */
  readonly sql: string;
  /** What was lost. */
  readonly lost: 'reply' | 'request';
  readonly tag: string | null;
  readonly applicationName: string;
}

/** A ledger begins or ends. */
export interface LedgerIs {
  readonly kind: 'ledger';
  readonly ledger: number;
  readonly is: 'begun' | 'ended';
}

/** How writes of a ledger ended since the last such record. */
export interface LedgerWrites {
  readonly kind: 'writes';
  readonly ledger: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  readonly inFlight: number;
}

/** Where an endpoint leads from now on. */
export interface EndpointIs {
  readonly kind: 'endpoint';
  readonly endpoint: 'writer' | 'reader';
  readonly targets: readonly string[];
}

/** Lines of a server's log; written when a test has failed. */
export interface LogLines {
  readonly kind: 'log';
  readonly node: string;
  readonly lines: readonly LogLine[];
}

export interface LogLine {
  /** When the server wrote it. */
  readonly at: Moment;
  readonly severity: string;
  /** Without time and severity; with its DETAIL, HINT and so on, a line each. */
  readonly text: string;
}

/** More happened than is kept. */
export interface LeftOut {
  readonly kind: 'left out';
  readonly what: string;
  readonly count: number;
}

/** The last record. A recording without it is that of a process that was killed. */
export interface End {
  readonly kind: 'end';
}
