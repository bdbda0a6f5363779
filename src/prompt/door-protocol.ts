import type { PromptOutcome } from './place';

/** What is said at a door, a line of JSON each. */
export interface Said {
  /** In the first line: see DoorNote. */
  readonly token?: string;
  /** Opens a prompt. */
  readonly prompt?: {
    readonly isTerminal: boolean;
    readonly colours: boolean;
    readonly columns: number;
    readonly historyFile?: string;
  };
  /** What was typed, in base64. */
  readonly input?: string;
  /** Nothing more will be typed. */
  readonly inputEnds?: boolean;
  /** The terminal's width has changed. */
  readonly columns?: number;
  /** Ends the cluster. */
  readonly end?: boolean;
}

/** What comes back from inside, a line of JSON each. */
export interface Answered {
  /** What the prompt writes, in base64. */
  readonly output?: string;
  /** In the last line: how the prompt has ended. */
  readonly outcome?: PromptOutcome;
}

export function lineOf(said: Said | Answered): string {
  return `${JSON.stringify(said)}\n`;
}

/** Undefined if it is nothing that could have been said here. */
export function saidIn<T extends Said | Answered>(line: string): T | undefined {
  try {
    const said: unknown = JSON.parse(line);
    return typeof said === 'object' && said !== null ? (said as T) : undefined;
  } catch {
    return undefined;
  }
}
