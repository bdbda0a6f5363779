import type { Deadline } from '../base/deadline';
import type { Diagnosis, HowToDiagnose } from './diagnosis';
import type { Engine } from './engine';
import type { Feature } from './engine-errors';
import type { HowToPrune, Pruned } from './pruning';

/**
 * One engine, as the rest of the package knows it. `Options` are what it needs to know of the
 * options; those who open none need not know.
 */
export interface RegistryEntry<Kind extends string = string, Options = never> {
  readonly kind: Kind;
  /** For messages, after "needs": `Docker`. */
  readonly title: string;
  /** For messages, after "nodes run": `in Docker`. */
  readonly how: string;

  /**
   * What it lacks; for the error messages, the tests and the README. Each text completes "… cannot
   * be had on engine 'x': ".
   */
  readonly lacks: Lacks;

  /**
   * Opens an engine for one cluster.
   * @throws `ERR_PG_CLUSTER_NO_ENGINE` that says what was tried and how to get one
   */
  open(o: Options, how: HowToOpen): Promise<Engine>;

  /**
   * What `open`, and the first steps of a cluster, would do here and why: for people to read. It
   * changes nothing. What an engine does not answer in time is part of what it tells.
   */
  diagnose(o: Options, how: HowToDiagnose): Promise<Diagnosis>;

  /** Loads what removal takes: the package may be gone when the reaper's turn comes. */
  loadUpkeep(): void;

  /** Every session that has left something here, by its id. */
  sessions(deadline: Deadline): Promise<ReadonlyMap<string, SessionThere>>;

  /** Removes all that a session has made here; resolves to how much there was. */
  remove(sessionId: string, deadline: Deadline): Promise<number>;

  /** How many bytes a session takes here; undefined if nobody can tell. */
  sizeOf(sessionId: string, deadline: Deadline): Promise<number | undefined>;

  /**
   * Removes what is kept to be used again, and tells of each. What a living process uses, or
   * somebody else has made, stays.
   * @throws `ERR_PG_CLUSTER_NO_ENGINE` if the engine does not answer
   */
  prune(o: Options, how: HowToPrune, deadline: Deadline): Promise<readonly Pruned[]>;

  /** Removes what is kept to be used again, if nobody has used it for long. */
  ageOut?(deadline: Deadline): Promise<void>;

  /**
   * Watches what a session's servers take of the machine, in the reaper's process, for as long as
   * the session's owner lives. Returns how to stop.
   */
  watch?(sessionId: string): () => void;
}

export interface SessionThere {
  readonly owner: string;
  /** Whether the engine itself knows that the owner has ended. */
  readonly hasEnded: boolean;
}

export type Lacks = Readonly<Partial<Record<Feature, string>>>;

interface HowToOpen {
  /** How long the engine may take to answer. */
  readonly answerMs: number;
  /** Sentences for the message if this one fails too: why those tried before cannot be used. */
  readonly whyNotOthers: string | undefined;
}
