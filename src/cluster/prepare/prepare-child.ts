import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { Deadline, within } from '../../base/deadline';
import { childEnv } from '../../base/machine/child-environment';
import type { Work, WorkEnd } from './prepare-messages';

const closeMs = 3000;
/** How many characters of the output are kept for a message. */
const keptOutput = 20_000;

/** The owner's end of the process in which something is prepared. */
export class PrepareChild {
  readonly #process: ChildProcess;
  /** How the program itself ended; never rejects. */
  readonly end: Promise<WorkEnd>;
  /** All of it is over, and its output has been read. */
  readonly #closed: Promise<unknown>;
  #output = '';

  /** @param onOutput is called with each piece of what it prints, on either stream */
  constructor(work: Work, onOutput: (text: string) => void) {
    // In src/ as in dist/: the compiled file.
    const script = join(__dirname, '../../..', 'dist/cluster/prepare/prepare-process.js');
    this.#process = fork(script, [], {
      env: childEnv(),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = `${this.#output}${text}`.slice(-keptOutput);
        onOutput(text);
      });
    }
    this.end = new Promise((resolve) => {
      this.#process.once('message', (end: WorkEnd) => resolve(end));
      this.#process.once('error', ({ message }) => resolve({ problem: message }));
      this.#process.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
    // Where this end has closed the channel, there is no event 'close' of the process.
    const parts = [this.#process.stdout, this.#process.stderr];
    this.#closed = Promise.all(
      parts.map((stream) => new Promise((resolve) => stream?.once('close', resolve))),
    );
    this.#process.send(work, () => {});
  }

  /** What it has printed last. */
  get output(): string {
    return this.#output;
  }

  /** Kills whatever of it still runs. Resolves when its output has been read. */
  async close(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    // What has left the process group lives on, and may hold the pipes.
    await within(Deadline.in(closeMs), 'its output to end', () => this.#closed).catch(() => {
      for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.destroy();
    });
  }
}
