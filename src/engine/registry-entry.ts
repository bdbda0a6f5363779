import type { Deadline } from '../base/deadline';
import type { Engine } from './engine';
import type { Feature } from './limits';

/** One engine, as the rest of the package knows it. */
export interface RegistryEntry<Kind extends string = string> {
  readonly kind: Kind;
  /** For messages, after "needs": `Docker`. */
  readonly title: string;
  /** For messages, after "nodes run": `in Docker`. */
  readonly how: string;

  /** With engine 'auto', any of these options chooses this engine. */
  readonly chosenBy: readonly (keyof EngineOptions)[];
  /** Options that mean nothing here, though they do elsewhere; with 'auto' the user is told so. */
  readonly ignores: readonly (keyof EngineOptions)[];

  /**
   * What it lacks; for the error messages, the tests and the README. Each text completes "… cannot
   * be had on engine 'x': ".
   */
  readonly lacks: Lacks;

  /**
   * Opens an engine for one cluster.
   * @throws `ERR_PG_CLUSTER_NO_ENGINE` that says what was tried and how to get one
   */
  open(o: EngineOptions, how: HowToOpen): Promise<Engine>;

  /** The owner of every session that has left something here, by the session's id. */
  sessions(deadline: Deadline): Promise<ReadonlyMap<string, string>>;

  /** Removes all that a session has made here; resolves to how much there was. */
  remove(sessionId: string, deadline: Deadline): Promise<number>;

  /** Removes what is kept to be used again, if nobody has used it for long. */
  ageOut?(deadline: Deadline): Promise<void>;

  /**
   * Watches what a session's servers take of the machine, in the reaper's process, for as long as
   * the session's owner lives. Returns how to stop.
   */
  watch?(sessionId: string): () => void;
}

export type Lacks = Readonly<Partial<Record<Feature, string>>>;

interface HowToOpen {
  /** How long the engine may take to answer. */
  readonly answerMs: number;
  /** Sentences for the message if this one fails too: why those tried before cannot be used. */
  readonly whyNotOthers: string | undefined;
}

/** What an engine may need to know of the options. */
export interface EngineOptions {
  /** A kind, or 'auto'. */
  readonly engine: string;
  /** Undefined: whatever `image` or `binDir` carries. */
  readonly version: number | undefined;
  readonly image: string | undefined;
  readonly binDir: string | undefined;
  readonly cacheDir: string | undefined;
  readonly networkFaults: boolean;
  readonly dataLimitMb: number | undefined;
  readonly diskLimitMb: number | undefined;
  readonly publishOn: string | undefined;
  /** Jest's. */
  readonly rootDir: string;
  /** There is one node more. */
  readonly slaves: readonly unknown[];
  /** How many processes may run clusters at the same time. */
  readonly workers: number;
}
