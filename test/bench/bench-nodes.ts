import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';

export const BENCH_LABEL = 'jest-environment-pg-cluster.bench';

export interface Started {
  /** From the first request to the engine until everything was up. */
  seconds: number;
  /** Removes the containers and their network; returns the seconds that took. */
  remove(): Promise<number>;
}

export interface BenchNode {
  image: string;
  /** Its host name for the other nodes. */
  alias: string;
  /** Published on a loopback port that the engine picks. */
  port: number;
  command?: string[];
}

/** The containers of one measurement, on a network of their own. */
export class BenchNodes {
  private readonly name = `pg-cluster-bench-${randomBytes(6).toString('hex')}`;
  private readonly labels = { [BENCH_LABEL]: '1' };
  private readonly containers: Docker.Container[] = [];
  private network: Docker.Network | undefined;

  constructor(private readonly docker: Docker) {}

  async createNetwork(): Promise<void> {
    this.network = await this.docker.createNetwork({ Name: this.name, Labels: this.labels });
  }

  /** Starts a container and returns the loopback port it is published on. */
  async run(node: BenchNode): Promise<number> {
    const container = await this.docker.createContainer({
      name: `${this.name}-${node.alias}`,
      Image: node.image,
      Labels: this.labels,
      ...(node.command && { Entrypoint: node.command, Cmd: [] }),
      ExposedPorts: { [`${node.port}/tcp`]: {} },
      HostConfig: {
        PortBindings: { [`${node.port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
        NetworkMode: this.name,
      },
      NetworkingConfig: { EndpointsConfig: { [this.name]: { Aliases: [node.alias] } } },
    });
    this.containers.push(container);
    await container.start();
    const { NetworkSettings } = await container.inspect();
    return Number(NetworkSettings.Ports[`${node.port}/tcp`]?.[0]?.HostPort);
  }

  /** As a script of `docker rm` lines does it. */
  async removeOneByOne(): Promise<number> {
    return this.remove(async () => {
      for (const container of this.containers) await container.remove({ force: true, v: true });
    });
  }

  async removeAtOnce(): Promise<number> {
    return this.remove(async () => {
      await Promise.all(this.containers.map((each) => each.remove({ force: true, v: true })));
    });
  }

  private async remove(containers: () => Promise<void>): Promise<number> {
    const started = performance.now();
    await containers();
    await this.network?.remove();
    return (performance.now() - started) / 1000;
  }
}
