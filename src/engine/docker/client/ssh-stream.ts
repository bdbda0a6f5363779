import type { ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';

/**
 * The standard input and output of a program, as a connection for node's HTTP client. It keeps no
 * process alive.
 */
export class SshStream extends Duplex {
  readonly #child: ChildProcess;
  #hasHeard = false;
  #words = '';

  constructor(child: ChildProcess) {
    super({ allowHalfOpen: true });
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#hasHeard = true;
      if (!this.push(chunk)) child.stdout?.pause();
    });
    child.stdout?.once('end', () => this.push(null));
    child.stderr?.on('data', (text: string) => {
      this.#words = `${this.#words}${text}`.slice(-2000);
    });
    child.once('error', (error) => this.destroy(error));
    child.once('close', (code) => this.#ended(code));
  }

  // What node's client does with a socket, and is not to be had here.
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin?.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin?.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.kill();
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) pipe?.destroy();
    done(error);
  }

  #ended(code: number | null): void {
    if (this.destroyed) return;
    const words = this.#words.replace(/\s*\n\s*/g, '; ').trim();
    // All that it said is read first.
    if (this.#hasHeard) this.end();
    else this.destroy(new Error(words || `ssh ended with ${code}`));
  }
}
