import type { Readable, Writable } from 'node:stream';

/** Where a prompt is, and what it can do there. */
export interface PromptPlace {
  readonly input: Readable;
  readonly output: Writable & { readonly columns?: number };
  /** Whether a person sits there, rather than a file or a pipe with commands. */
  readonly isTerminal: boolean;
  readonly colours: boolean;
  /** Where what was typed is kept for the next time; missing: nowhere. */
  readonly historyFile?: string | undefined;
}

/** What its person, or a file with commands, has left a prompt with. */
export interface PromptOutcome {
  /** How many commands have failed. */
  readonly failures: number;
  /** What `process.exit()` was given; missing if it was not called. */
  readonly exitCode?: number | undefined;
}
