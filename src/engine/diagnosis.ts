import type { Deadline } from '../base/deadline';

/** What an engine would do here, and why. Found out by the code that opens it; nothing is changed. */
export interface Diagnosis {
  /** Whether `open` gives an engine: the first one that does is what 'auto' takes. */
  readonly opens: boolean;
  /** Why nodes would not run there; undefined if they would. In one line, as `open` has it. */
  readonly problem: string | undefined;
  /** Where it was looked for, in the order in which it is looked for. */
  readonly tried: readonly Tried[];
  readonly facts: readonly Fact[];
  /** What works less well here than it could. */
  readonly limits: readonly Limit[];
  /** What is there to be used again. */
  readonly kept: readonly Kept[];
}

/** A place where an engine, or what it needs, may be. */
export interface Tried {
  /** What this address was taken from: `Colima`, `context far`. */
  readonly name: string;
  /** A path or an address. */
  readonly where: string;
  /** Whether `open` looks there; what else is there is for the user to know. */
  readonly isAuto: boolean;
  readonly works: boolean;
  /** Whether it is the one that is used: the first that works of those where `open` looks. */
  readonly isTaken: boolean;
  /** What it answered, or why it did not. */
  readonly said: string;
  /** What to do: to make it work, or to use it. */
  readonly help: string | undefined;
}

/** The unit is at the end of the key: `…Bytes`. */
export interface Fact {
  /** Its name in JSON, which stays. */
  readonly key: string;
  /** For people. */
  readonly label: string;
  readonly value: string | number | boolean | null;
}

export interface Limit {
  /** What is less here, and what comes of it. */
  readonly what: string;
  readonly help: string;
}

/** Something that an engine keeps, since it can be used again. */
export interface Kept {
  readonly kind: 'images' | 'template' | 'programs';
  /** A hash of what it was made from, or its directory. */
  readonly name: string;
  readonly bytes: number;
  /** How long ago it was used. */
  readonly unusedMs: number;
}

export interface HowToDiagnose {
  /** How long each place may take to answer: as long as `open` would wait. */
  readonly answerMs: number;
  readonly deadline: Deadline;
}
