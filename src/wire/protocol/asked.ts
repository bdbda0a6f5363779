import type { Bound } from './frontend-messages';
import { frontend } from './message-types';
import type { LoggedMessage } from './query-log';
import type { Caught } from './traps';

/** A message of a client's that the server has to answer, by its type. */
export interface Asked {
  readonly by: number;
}

/** Parse. */
export interface Prepared extends Asked {
  readonly name: string;
  readonly sql: string;
  /** What had the same name, as long as it is not certain that the server took this one. */
  replaced: Prepared | undefined;
}

/** Bind. */
export interface Portal extends Asked {
  readonly prepared: Prepared;
  readonly bound: Bound;
}

/** Describe, Close. */
export interface AskedAbout extends Asked {
  readonly about: Prepared | Portal | undefined;
}

/** Query, Execute: whatever has the server run something. */
export class Execution implements Asked {
  readonly by: number;
  readonly sql: string;
  /** undefined for a Query */
  readonly portal: Portal | undefined;
  logged: LoggedMessage | undefined;
  /** The statement of it that a trap has caught, if one has. */
  caught: Caught | undefined;
  /** If one has: with which answer to this client's messages its own begins. */
  answeredFrom = 0;
  /** How many of its statements have ended. */
  ends = 0;

  constructor(by: number, sql: string, portal: Portal | undefined) {
    this.by = by;
    this.sql = sql;
    this.portal = portal;
  }

  /** Which of its statements was caught. */
  get caughtIndex(): number {
    return this.by === frontend.query ? (this.caught?.index ?? 0) : 0;
  }

  /** Whether that has ended. */
  get caughtHasEnded(): boolean {
    return this.caught !== undefined && this.ends > this.caughtIndex;
  }
}

/** Whether a message has a part in preparing this execution, or cleans up after it. */
export function isFor(asked: Asked | undefined, { portal }: Execution): boolean {
  if (!asked || !portal) return false;
  if (asked === portal || asked === portal.prepared) return true;
  if ('prepared' in asked) return asked.prepared === portal.prepared;
  if ('about' in asked) return asked.about === portal || asked.about === portal.prepared;
  return false;
}

/** The text that a message is about. */
export function sqlOf(asked: Asked | undefined): string | undefined {
  if (!asked) return undefined;
  if ('sql' in asked) return asked.sql as string;
  if ('prepared' in asked) return (asked as Portal).prepared.sql;
  return 'about' in asked ? sqlOf(asked.about as Asked | undefined) : undefined;
}
