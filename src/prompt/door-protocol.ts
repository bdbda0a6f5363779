/** What is said at a door, a line of JSON each; what comes back is what a prompt writes. */
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

export function lineOf(said: Said): string {
  return `${JSON.stringify(said)}\n`;
}

/** Undefined if it is nothing that could have been said here. */
export function saidIn(line: string): Said | undefined {
  try {
    const said: unknown = JSON.parse(line);
    return typeof said === 'object' && said !== null ? (said as Said) : undefined;
  } catch {
    return undefined;
  }
}
