import type { Socket } from 'node:net';
import type { Session } from '../protocol/session';
import { Pipe } from './pipe';
import type { Shaper } from './shaper';

/** Both directions between a client and a server. */
export class Pipes {
  readonly #up: Pipe;
  readonly #down: Pipe;

  /** Nothing passes until `hold(false)`. */
  constructor(o: {
    client: Socket;
    server: Socket;
    /** Reads what they say; undefined: nobody wants to know. */
    session: Session | undefined;
    /** That of a direction, if it is slowed now. */
    shaper: (direction: 'up' | 'down') => Shaper | undefined;
  }) {
    const { client, server, session, shaper } = o;
    const pass = session && {
      up: (chunk: Buffer) => session.fromClient(chunk),
      down: (chunk: Buffer) => session.fromServer(chunk),
    };
    this.#up = new Pipe({ from: client, to: server, pass: pass?.up, shaper: () => shaper('up') });
    this.#down = new Pipe({
      from: server,
      to: client,
      pass: pass?.down,
      shaper: () => shaper('down'),
    });
  }

  hold(isHeld: boolean): void {
    this.#up.hold(isHeld);
    this.#down.hold(isHeld);
  }

  /** What was slowed is slowed no more. */
  hurry(): void {
    this.#up.hurry();
    this.#down.hurry();
  }

  /** Nothing passes any more. */
  close(): void {
    this.#up.close();
    this.#down.close();
  }

  /** To the server, beside what the client sends. */
  toServer(bytes: Buffer): void {
    this.#up.send(bytes);
  }
}
