import { type Duplex, Writable } from 'node:stream';
import type Docker from 'dockerode';
import { beat, type Deadline, within } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { call } from '../client/api-call';
import { containerState } from './container-state';

const lookEveryMs = 1_000;

/** A line to and from the container's first process, while it runs. */
interface Line {
  readonly socket: Duplex;
  /** By the id of a command: told when it is done, or what has come instead. */
  readonly waiting: Map<number, (outcome: Outcome) => void>;
}

type Outcome = { readonly answer: string } | { readonly problem: string };

/**
 * Commands for start-node.sh, which takes them on its standard input, does one after the other, and
 * says on its standard output when each is done. Signals would be simpler, but several in quick
 * succession become one, and each costs the engine a process.
 */
export class StartScript {
  readonly #name: string;
  readonly #container: Docker.Container;
  #line: Promise<Line> | undefined;
  #lastId = 0;

  constructor(name: string, container: Docker.Container) {
    this.#name = name;
    this.#container = container;
  }

  /** The container starts again: nobody listens at the other end of the former line any more. */
  hangUp(): void {
    const line = this.#line;
    this.#line = undefined;
    line?.then(({ socket }) => socket.destroy()).catch(() => {});
  }

  /** Opens the line ahead, to a container that is made but not started. */
  async open(deadline: Deadline): Promise<void> {
    this.#line ??= this.#remembered(this.#open(deadline));
    await this.#line;
  }

  /**
   * Tells the container, which has to run, to do something once it has done what it was told
   * before.
   */
  async tell(command: string, deadline: Deadline): Promise<void> {
    this.#send(await this.#opened(deadline), command);
  }

  /**
   * The same, and waits until it is done; resolves to what the container answers, most often nothing.
   * @param what completes "waited 3 s for …"
   */
  async ask(command: string, what: string, deadline: Deadline): Promise<string> {
    return this.#ask(await this.#opened(deadline), command, what, deadline);
  }

  async #ask(line: Line, command: string, what: string, deadline: Deadline): Promise<string> {
    const id = this.#send(line, command);
    const watch = new AbortController();
    const outcome = await within(
      deadline,
      what,
      () =>
        new Promise<Outcome>((resolve) => {
          line.waiting.set(id, resolve);
          if (line.socket.destroyed) {
            resolve({ problem: 'its container, or the engine, had ended' });
          }
          void this.#whenEnded(watch.signal, deadline, (problem) => resolve({ problem }));
        }),
    ).finally(() => watch.abort());
    line.waiting.delete(id);
    if ('answer' in outcome) return outcome.answer;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `${this.#name} did not do "${command}": ${outcome.problem}`,
    );
  }

  /** The engine can leave a line open for ever that was opened while the container was ending. */
  async #whenEnded(
    signal: AbortSignal,
    deadline: Deadline,
    tell: (problem: string) => void,
  ): Promise<void> {
    let wasEnded = false;
    while (!signal.aborted) {
      await beat(lookEveryMs, signal);
      if (signal.aborted) return;
      const seen = await containerState(this.#container, this.#name, deadline).catch(
        () => undefined,
      );
      const hasEnded = seen?.state === 'stopped' || seen?.state === 'gone';
      // What it has said last may still be on its way.
      if (hasEnded && wasEnded) tell(seen.detail);
      wasEnded = hasEnded;
    }
  }

  #send(line: Line, command: string): number {
    this.#lastId += 1;
    line.socket.write(`${this.#lastId} ${command}\n`);
    return this.#lastId;
  }

  #opened(deadline: Deadline): Promise<Line> {
    if (this.#line !== undefined) return this.#line;
    const opening = this.#open(deadline).then((line) => this.#greet(line, deadline));
    this.#line = this.#remembered(opening);
    return opening;
  }

  /** Until it is closed. */
  #remembered(opening: Promise<Line>): Promise<Line> {
    const forget = () => {
      if (this.#line === opening) this.#line = undefined;
    };
    opening.then(({ socket }) => socket.once('close', forget), forget);
    return opening;
  }

  /**
   * Sees that the container listens. What is sent to one that has just ended is kept by the engine, and
   * would be done at its next start.
   */
  async #greet(line: Line, deadline: Deadline): Promise<Line> {
    try {
      await this.#ask(line, 'here', `the container of ${this.#name} to listen`, deadline);
      return line;
    } catch (error) {
      line.socket.destroy();
      throw error;
    }
  }

  async #open(deadline: Deadline): Promise<Line> {
    const stream = await call(deadline, `talk to the container of ${this.#name}`, (abortSignal) =>
      this.#container.attach({
        stream: true,
        stdin: true,
        stdout: true,
        hijack: true,
        abortSignal,
      }),
    );
    const socket = stream as Duplex;
    // docker-modem sends a body with the request, and the engine takes for input what it has not
    // read of that by then: this ends its line.
    socket.write('\n');
    const line: Line = { socket, waiting: new Map() };
    const answers = linesTo((text) => {
      const [, id, answer = ''] = /^done (\d+) ?(.*)$/.exec(text) ?? [];
      if (id !== undefined) line.waiting.get(Number(id))?.({ answer });
    });
    this.#container.modem.demuxStream(socket, answers, answers);
    socket.on('error', () => {});
    socket.once('close', () => {
      const problem = 'its container, or the engine, has ended';
      for (const tell of line.waiting.values()) tell({ problem });
    });
    return line;
  }
}

/** Calls back for each line that is written. */
function linesTo(callback: (line: string) => void): Writable {
  let rest = '';
  return new Writable({
    write(chunk: Buffer, _, done) {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) callback(line);
      done();
    },
  });
}
