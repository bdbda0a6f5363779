import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/**
 * The wire's floor: a process of Node's that copies bytes between clients and a server, and knows
 * nothing of what passes.
 */
export class BareProxy {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async to(server: { host: string; port: number }): Promise<BareProxy> {
    const args = [server.host, String(server.port)];
    const child = fork(join(__dirname, 'bare-proxy-process.mjs'), args, { execArgv: [] });
    const [port] = await once(child, 'message');
    return new BareProxy(child, port);
  }

  end(): void {
    this.#process.disconnect();
  }
}
