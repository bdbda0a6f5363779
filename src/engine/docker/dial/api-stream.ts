import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../base/errors';
import type { EngineRequests } from './engine-request';

/** How often a frozen container is asked whether it has been thawed. */
const frozenMs = 200;
/** How often one that is not frozen may refuse. */
const maxRefusals = 3;
/** How many characters of what the program in the container says are kept. */
const maxWords = 1000;
/** Before each part of the output: stream, three zeros, length (Engine API, "Attach to a container"). */
const headBytes = 8;
const stdout = 1;

/**
 * One connection to a container's server: the input and output of a program in the container, by
 * way of the engine's API.
 */
export class ApiStream {
  readonly #client: Socket;
  #engine: Duplex | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #words = '';

  /** @param client reads nothing yet */
  constructor(client: Socket) {
    this.#client = client;
    client.on('error', () => this.#engine?.destroy());
    client.on('close', () => {
      // A client that has hung up reads no more; the server is told, and ends when it can.
      if (!this.#engine) return;
      this.#engine.removeAllListeners('data').resume();
      this.#engine.end();
    });
  }

  /**
   * Leads the client there. Who connects to a frozen container waits until it is thawed.
   * @returns why there was no connection; undefined when one has come to its end
   */
  async run(engine: EngineRequests, container: string): Promise<string | undefined> {
    try {
      const stream = await this.#open(engine, container);
      if (!(typeof stream === 'string')) return await this.#join(stream);
      this.#client.destroy();
      return stream;
    } catch (error) {
      this.#client.destroy();
      return messageOf(error);
    }
  }

  async #open(engine: EngineRequests, container: string): Promise<Duplex | string> {
    for (let refusals = 0; !this.#client.destroyed; ) {
      const made = await engine.ask('POST', `/containers/${container}/exec`, {
        ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true },
        Cmd: ['sh', '/pg-cluster/stream.sh'],
      });
      let refusal = made;
      if (made.status === 201) {
        const how = { Detach: false, Tty: false };
        const started = await engine.upgrade(`/exec/${String(made.body.Id)}/start`, how);
        if (!('status' in started)) return started;
        refusal = started;
      }
      const { body } = await engine.ask('GET', `/containers/${container}/json`);
      const state = body.State as { Running?: boolean; Paused?: boolean } | undefined;
      // It may have been thawed, or started, only just now.
      if (!state?.Paused) refusals += 1;
      if (!state?.Running || refusals > maxRefusals) {
        return String(refusal.body.message ?? refusal.status);
      }
      await delay(frozenMs);
    }
    return 'the client has hung up';
  }

  /** Until both ends have ended. */
  #join(engine: Duplex): Promise<string | undefined> {
    const client = this.#client;
    this.#engine = engine;
    if (client.destroyed) {
      engine.destroy();
      return Promise.resolve(undefined);
    }
    return new Promise((resolve) => {
      engine.on('data', (chunk: Buffer) => this.#take(chunk));
      client.on('drain', () => engine.resume());
      engine.once('end', () => client.end());
      engine.on('error', () => client.destroy());
      engine.once('close', () => {
        client.end();
        resolve(this.#words.trim() || undefined);
      });
      client.pipe(engine);
    });
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= headBytes) {
      const end = headBytes + bytes.readUInt32BE(4);
      if (bytes.length < end) break;
      const said = bytes.subarray(headBytes, end);
      if (bytes[0] === stdout) this.#pass(said);
      else this.#words = `${this.#words}${said.toString('utf8')}`.slice(-maxWords);
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }

  #pass(bytes: Buffer): void {
    if (!this.#client.write(bytes)) this.#engine?.pause();
  }
}
