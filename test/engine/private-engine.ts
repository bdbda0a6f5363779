import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { copyImages } from './copy-image';
import { DOCKERD, DockerdProcess } from './dockerd-process';
import { OwnNetwork } from './own-network';

/**
 * A Docker engine of our own, which can be ended without taking it away from other tests. It has a
 * network of its own, as two engines in one remove each other's bridge and rules.
 */
export class PrivateEngine {
  readonly docker: Docker;
  readonly #home: string;
  readonly #network: OwnNetwork;
  #dockerd: DockerdProcess | undefined;

  /** Where else it listens, and how. */
  #listen: readonly string[] = [];

  private constructor(home: string, network: OwnNetwork) {
    this.#home = home;
    this.#network = network;
    this.docker = new Docker({ socketPath: this.#socket });
  }

  /**
   * One that has some images of another engine.
   * @param o `diskMb` is how much it can store, in memory; `listen` is told which process has its
   * network, before it is started, and says with which arguments it is
   */
  static async create(
    from: Docker,
    images: readonly string[],
    o: { diskMb?: number; listen?: (network: number) => readonly string[] } = {},
  ): Promise<PrivateEngine> {
    const { diskMb, listen } = o;
    if (!existsSync(DOCKERD) || process.getuid?.() !== 0) {
      throw new Error(`this test ends an engine of its own: it needs root and ${DOCKERD}`);
    }
    const network = await OwnNetwork.create();
    // Short, since the paths of sockets are in it.
    const engine = new PrivateEngine(await mkdtemp(join(tmpdir(), 'pgc-')), network);
    mkdirSync(engine.#disk);
    if (diskMb !== undefined) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', engine.#disk]);
    }
    try {
      engine.#listen = listen?.(network.pid) ?? [];
      await engine.start();
      await copyImages(from, engine.docker, images);
      return engine;
    } catch (error) {
      await engine.remove();
      throw error;
    }
  }

  /** For DOCKER_HOST. */
  get host(): string {
    return `unix://${this.#socket}`;
  }

  /** Runs a command where the engine's containers can be reached, in its own place. */
  get via(): readonly string[] {
    return this.#network.via;
  }

  async start(): Promise<void> {
    const paths = {
      host: this.host,
      pidfile: join(this.#home, 'pid'),
      'exec-root': join(this.#home, 'exec'),
      'data-root': join(this.#disk, 'docker'),
    };
    const args = Object.entries(paths).map(([name, value]) => `--${name}=${value}`);
    args.push(...this.#listen);
    this.#dockerd = await DockerdProcess.start(args, this.docker, this.via);
  }

  /** Leaves only so much room on its disk, until it is freed. */
  fillDisk(leaveMb: number): void {
    const { bavail, bsize } = statfsSync(this.#disk);
    const bytes = bavail * bsize - leaveMb * 2 ** 20;
    execFileSync('fallocate', ['--length', String(bytes), this.#ballast]);
  }

  freeDisk(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** `SIGTERM` ends all containers; after `SIGKILL` they run on. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#dockerd?.end(signal);
    this.#dockerd = undefined;
  }

  async remove(): Promise<void> {
    // One that was killed has left its containers.
    if (!this.#dockerd) await this.start();
    await this.end('SIGTERM');
    this.#network.end();
    // What a killed dockerd has mounted; the innermost come last.
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n').reverse();
    for (const [, path = ''] of mounts.map((line) => line.split(' '))) {
      if (path.startsWith(this.#home)) execFileSync('umount', ['--lazy', path]);
    }
    await rm(this.#home, { recursive: true, force: true });
  }

  get #disk(): string {
    return join(this.#home, 'disk');
  }

  get #ballast(): string {
    return join(this.#disk, 'ballast');
  }

  get #socket(): string {
    return join(this.#home, 'socket');
  }
}
