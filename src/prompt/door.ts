import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';
import { type DoorNote, newToken, noteDoor } from './door-file';
import { lineOf, type Said, saidIn } from './door-protocol';
import type { PromptOutcome, PromptPlace } from './place';

/** What whoever comes through a door may want. */
export interface DoorKeeper {
  /** Opens a prompt there. */
  prompt(place: PromptPlace): { readonly ended: Promise<PromptOutcome>; close(): void };
  /** Ends the cluster. It has ended when the connection does. */
  end(): void;
}

/**
 * Lets other processes of this user in to a cluster that this process holds, on a port of loopback:
 * to a prompt, or to end it.
 */
export class Door {
  readonly note: DoorNote;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #forget: () => void;

  private constructor(server: Server, note: DoorNote) {
    this.#server = server;
    this.note = note;
    this.#forget = noteDoor(note);
  }

  static async open(
    about: Omit<DoorNote, 'port' | 'token' | 'pid' | 'since'>,
    keeper: DoorKeeper,
  ): Promise<Door> {
    const token = newToken();
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const note = { ...about, port, token, pid: process.pid, since: Date.now() };
    const door = new Door(server, note);
    server.on('connection', (socket) => door.#comesIn(socket, keeper));
    return door;
  }

  /** Who is inside is sent away. */
  close(): void {
    this.#forget();
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #comesIn(socket: Socket, keeper: DoorKeeper): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
    let visit: Visit | undefined;
    let isKnown = false;
    lines.on('line', (line) => {
      const said = saidIn<Said>(line);
      if (!said || (!isKnown && said.token !== this.note.token)) return socket.destroy();
      isKnown = true;
      if (said.end) keeper.end();
      if (said.prompt) visit ??= new Visit(socket, said.prompt, keeper);
      visit?.hear(said);
      return undefined;
    });
    socket.on('close', () => visit?.leave());
  }
}

/** Somebody's stay at a prompt. */
class Visit {
  readonly #input = new PassThrough();
  readonly #output: Writable & { columns?: number };
  readonly #prompt: ReturnType<DoorKeeper['prompt']>;

  constructor(socket: Socket, wanted: NonNullable<Said['prompt']>, keeper: DoorKeeper) {
    const output: Writable & { columns?: number } = new Writable({
      write: (chunk: Buffer, _, done) => {
        socket.write(lineOf({ output: chunk.toString('base64') }), () => done());
      },
    });
    this.#output = output;
    output.columns = wanted.columns;
    this.#prompt = keeper.prompt({ ...wanted, input: this.#input, output });
    void this.#prompt.ended.then((outcome) => socket.end(lineOf({ outcome })));
  }

  hear({ input, inputEnds, columns }: Said): void {
    if (input !== undefined) this.#input.write(Buffer.from(input, 'base64'));
    if (inputEnds) this.#input.end();
    if (columns === undefined) return;
    this.#output.columns = columns;
    this.#output.emit('resize');
  }

  leave(): void {
    this.#prompt.close();
  }
}
