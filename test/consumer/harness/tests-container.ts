import { randomUUID } from 'node:crypto';
import type Docker from 'dockerode';
import { installation } from './installation';

/**
 * A container for tests, as CI makes one, that has the socket of the engine that runs it. Nothing but its
 * mounts tells that it is a container, nor which one.
 */
export class TestsContainer {
  readonly #docker: Docker;
  readonly #container: Docker.Container;
  /** The one it has. If that is its own, its name comes late in the alphabet. */
  readonly network: string;
  /** Its first process, as the machine sees it. */
  readonly #pid: number;

  private constructor(docker: Docker, container: Docker.Container, network: string, pid: number) {
    this.#docker = docker;
    this.#container = container;
    this.network = network;
    this.#pid = pid;
  }

  /**
   * @param image has what Node is linked with; Node itself is this machine's
   * @param given its network; undefined: one of its own
   */
  static async start(docker: Docker, image: string, given?: 'none'): Promise<TestsContainer> {
    const network = given ?? `tests-${randomUUID()}`;
    if (!given) await docker.createNetwork({ Name: network });
    const same = (path: string, mode = 'rw') => `${path}:${path}:${mode}`;
    const container = await docker.createContainer({
      Image: image,
      Entrypoint: ['sh', '-c', 'rm -f /.dockerenv && exec sleep infinity'],
      Cmd: [],
      Hostname: 'ci-job',
      HostConfig: {
        Binds: [same('/var/run/docker.sock'), same(installation()), same(process.execPath, 'ro')],
        NetworkMode: network,
        // Somebody has to wait for those whose parents have ended.
        Init: true,
      },
    });
    await container.start();
    const { State } = await container.inspect();
    return new TestsContainer(docker, container, network, State.Pid);
  }

  get id(): string {
    return this.#container.id;
  }

  /** Runs a command in it and in this folder, in its own place. */
  via(folder: string): readonly string[] {
    const namespaces = ['--mount', '--pid', '--net', '--uts', '--ipc'];
    const there = ['sh', '-c', 'cd "$0" && exec "$@"', folder];
    return ['nsenter', '--target', String(this.#pid), ...namespaces, '--', ...there];
  }

  /** The networks that it is in. */
  async networks(): Promise<string[]> {
    const { NetworkSettings } = await this.#container.inspect();
    return Object.keys(NetworkSettings.Networks);
  }

  /** Ends it at once, and all that runs in it, as a job that is cancelled. */
  async cancel(): Promise<void> {
    await this.#container.remove({ force: true, v: true });
  }

  async remove(): Promise<void> {
    // A test has removed it.
    await this.cancel().catch(() => {});
    if (this.network !== 'none') await this.#docker.getNetwork(this.network).remove();
  }
}
