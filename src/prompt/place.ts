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
