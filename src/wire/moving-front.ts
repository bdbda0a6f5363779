import type { Deadline } from '../base/deadline';
import { releasePort } from '../base/machine/ports';
import { newId } from '../base/new-id';
import type { Endpoint } from '../postgres/endpoint';
import type { Pointing } from './requests';
import { Wire } from './wire';

/** What stands where clients connect who want one node or another: the writer, the reader. */
export class MovingFront {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly #key: string;
  #wire: Wire | undefined;

  /** Opens nothing yet. @param port a free one, which it gives back when it is closed */
  constructor(name: string, port: number) {
    this.name = name;
    this.#key = `${name}-${newId()}`;
    this.endpoint = { host: '127.0.0.1', port };
  }

  /**
   * It leads there from now on; before, it leads nowhere, and refuses. If the wire's process has
   * ended, another one takes its place.
   */
  async point(to: Pointing, deadline: Deadline): Promise<void> {
    if (!this.#wire || this.#wire.hasEnded) {
      this.#wire = Wire.ofProcess;
      const { port } = this.endpoint;
      await this.#ask('open', { do: 'open endpoint', port }, deadline);
    }
    await this.#ask('point', { do: 'point', to }, deadline);
  }

  async close(deadline: Deadline): Promise<void> {
    try {
      if (!this.#wire || this.#wire.hasEnded) return;
      await this.#ask('close', { do: 'close endpoint' }, deadline);
    } finally {
      releasePort(this.endpoint.port);
    }
  }

  async #ask(
    what: string,
    request:
      | { do: 'open endpoint'; port: number }
      | { do: 'point'; to: Pointing }
      | { do: 'close endpoint' },
    deadline: Deadline,
  ): Promise<void> {
    await this.#wire?.ask(
      `${what} the ${this.name}`,
      { ...request, endpoint: this.#key },
      deadline,
    );
  }
}
