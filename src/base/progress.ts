import { writeSync } from 'node:fs';

const prefix = 'pg-cluster:';

/** Prints a line for the person who runs the tests: on stderr, since stdout may be Jest's JSON. */
export function say(text: string): void {
  process.stderr.write(`${prefix} ${text}\n`);
}

/** The same when the process ends: by then others may have stopped what streams write. */
export function sayAtExit(text: string): void {
  try {
    writeSync(2, `${prefix} ${text}\n`);
  } catch {
    // Nobody reads it, or not fast enough.
  }
}

/** Shows how far a long piece of work has come. */
export interface Progress {
  /** The step that begins now, e.g. `building the master image: step 3/7`. */
  step(text: string): void;
  /** The work is over; `text` stays on the screen. */
  end(text?: string): void;
}

/** For work that nobody waits for. */
export const silent: Progress = { step() {}, end() {} };

/** On a terminal, one line that is rewritten in place; in a pipe or file, one line a step. */
export function progressTo(stream: NodeJS.WriteStream = process.stderr): Progress {
  let last = '';
  const live = (text: string) => {
    const room = Math.max(20, (stream.columns ?? 80) - prefix.length - 2);
    return `\r\x1b[K${prefix} ${text.length > room ? `${text.slice(0, room - 1)}…` : text}`;
  };
  return {
    step(text) {
      if (text === last) return;
      last = text;
      stream.write(stream.isTTY ? live(text) : `${prefix} ${text}\n`);
    },
    end(text) {
      if (stream.isTTY && last !== '') stream.write('\r\x1b[K');
      if (text !== undefined) stream.write(`${prefix} ${text}\n`);
      last = '';
    },
  };
}
