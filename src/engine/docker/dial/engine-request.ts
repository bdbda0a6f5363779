import { request as plain, type RequestOptions } from 'node:http';
import { request as encrypted } from 'node:https';
import type { Duplex } from 'node:stream';
import { agentFor } from '../client/agents';
import type { Address } from '../client/engine-addresses';

/** What an engine has answered. */
export interface EngineAnswer {
  readonly status: number;
  /** What its JSON says. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Requests to an engine's API, without dockerode: that takes long to load, and much memory. */
export class EngineRequests {
  readonly #options: RequestOptions;
  readonly #request: typeof plain;

  constructor(address: Address) {
    const { host, port, socketPath, tls } = address;
    // An IPv6 address is in brackets in a URL.
    const name = host?.replace(/^\[(.*)\]$/, '$1');
    this.#options = { host: name, port, socketPath, agent: agentFor(address) };
    this.#request = tls ? encrypted : plain;
  }

  /** @throws if it does not answer */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<EngineAnswer> {
    return this.#send(method, path, body, {}, () => {});
  }

  /** A request after which its connection is a stream; or how that was refused. */
  upgrade(path: string, body: object): Promise<Duplex | EngineAnswer> {
    const headers = { connection: 'Upgrade', upgrade: 'tcp' };
    return new Promise((resolve, reject) => {
      this.#send('POST', path, body, headers, resolve).then(resolve, reject);
    });
  }

  #send(
    method: string,
    path: string,
    body: object | undefined,
    more: Record<string, string>,
    onUpgrade: (stream: Duplex) => void,
  ): Promise<EngineAnswer> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { ...type, ...more, 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const asked = this.#request({ ...this.#options, method, path, headers });
      asked.once('error', reject);
      asked.once('upgrade', (_, stream: Duplex, head: Buffer) => {
        if (head.length > 0) stream.unshift(head);
        onUpgrade(stream);
      });
      asked.once('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const told = Buffer.concat(chunks).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, body: parsed(told) });
        });
      });
      asked.end(text);
    });
  }
}

function parsed(text: string): EngineAnswer['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return { message: text.trim() };
  }
}
