import { freePort, releasePort } from '../base/machine/ports';
import type { NodeShape } from './node/node-shape';

/**
 * The ports of a cluster's nodes. A node that was removed keeps its own, as it may come back when
 * the cluster is restored.
 */
export class NodePorts {
  readonly #basePort: number | undefined;
  /** Free ports that were taken for nodes. */
  readonly #taken = new Set<number>();

  /** @param basePort the port of `pg0`, which the others follow; undefined: free ports */
  constructor(basePort: number | undefined) {
    this.#basePort = basePort;
  }

  async portOf({ name }: NodeShape): Promise<number> {
    if (this.#basePort !== undefined) return this.#basePort + Number(name.slice(2));
    const port = await freePort();
    this.#taken.add(port);
    return port;
  }

  /** Gives back the port of a node that was never made. */
  release(port: number): void {
    this.#taken.delete(port);
    releasePort(port);
  }

  releaseAll(): void {
    for (const port of this.#taken) this.release(port);
  }
}
