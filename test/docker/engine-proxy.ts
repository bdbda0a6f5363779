import { once } from 'node:events';
import { rmSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '../../src/base/new-id';

const socketOfEngine = '/var/run/docker.sock';

/** What the proxy does instead of passing a request on; undefined to pass it on. */
type Rule = (
  method: string,
  path: string,
) => { status: number; message: string } | 'reset' | undefined | Promise<undefined>;

/** A request that has passed, with its whole body. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The Docker engine of this machine behind a socket of its own, where it can misbehave. */
export class EngineProxy {
  readonly #path = join(tmpdir(), `pgc-engine-${newId()}.sock`);
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #rule: Rule = () => undefined;
  #silent = false;
  #lateMs = 0;
  #record: Passed[] | undefined;

  private constructor() {
    this.#server = createServer((asked, answer) => {
      this.#pass(asked, answer).catch(() => asked.socket.destroy());
    });
    this.#server.on('upgrade', (asked: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#passOn(asked, socket, head).catch(() => socket.destroy());
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async open(): Promise<EngineProxy> {
    const proxy = new EngineProxy();
    await proxy.#listen();
    return proxy;
  }

  /** For DOCKER_HOST. */
  get host(): string {
    return `unix://${this.#path}`;
  }

  /** Misbehaves by this rule from now on. */
  misbehave(rule: Rule): void {
    this.#rule = rule;
  }

  /** What is passed on from now on, without what becomes a connection in both directions. */
  record(): readonly Passed[] {
    this.#record = [];
    return this.#record;
  }

  /** Takes requests and answers none. */
  beSilent(): void {
    this.#silent = true;
  }

  /** Answers late. */
  beLate(ms: number): void {
    this.#lateMs = ms;
  }

  async behave(): Promise<void> {
    this.#rule = () => undefined;
    this.#silent = false;
    this.#lateMs = 0;
    if (!this.#server.listening) await this.#listen();
  }

  /** As when the engine ends: every connection breaks, and nobody listens. */
  async goAway(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    rmSync(this.#path, { force: true });
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.goAway();
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#path);
    await once(this.#server, 'listening');
  }

  /** A request that becomes a connection in both directions. */
  async #passOn(asked: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    if (this.#silent) return;
    await delay(this.#lateMs);
    const { method = 'POST', url: path = '/', rawHeaders } = asked;
    if (await this.#rule(method, path)) {
      socket.destroy();
      return;
    }
    const engine = createConnection(socketOfEngine);
    const headers = rawHeaders.map((text, index) =>
      index % 2 === 0 ? `${text}: ` : `${text}\r\n`,
    );
    engine.write(`${method} ${path} HTTP/1.1\r\n${headers.join('')}\r\n`);
    engine.write(head);
    socket.pipe(engine).pipe(socket);
    for (const [one, other] of [
      [socket, engine],
      [engine, socket],
    ] as const) {
      one.on('error', () => {});
      one.once('close', () => other.destroy());
    }
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    if (this.#silent) return;
    await delay(this.#lateMs);
    const { method = 'GET', url: path = '/', headers } = asked;
    const instead = await this.#rule(method, path);
    if (instead === 'reset') {
      asked.socket.destroy();
    } else if (instead) {
      answer.writeHead(instead.status, { 'Content-Type': 'application/json' });
      answer.end(JSON.stringify({ message: instead.message }));
    } else {
      const passed = request({ socketPath: socketOfEngine, method, path, headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 500, answered.headers);
        answered.pipe(answer);
        answer.once('close', () => answered.destroy());
      });
      passed.once('error', () => asked.socket.destroy());
      asked.pipe(passed);
      const record = this.#record;
      if (!record) return;
      const chunks: Buffer[] = [];
      asked.on('data', (chunk: Buffer) => chunks.push(chunk));
      asked.once('end', () => {
        const body = Buffer.concat(chunks).toString('latin1');
        record.push({ method, path, headers, body });
      });
    }
  }
}
