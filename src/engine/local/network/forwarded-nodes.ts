import { ForwardedNode } from './forwarded-node';
import { ForwarderClient } from './forwarder-client';

/** The nodes of a cluster that a forwarder stands in front of. */
export class ForwardedNodes {
  readonly #forwarder: ForwarderClient;
  /** By the name of the node, and the port that its clients know. */
  readonly #nodes = new Map<string, ForwardedNode>();

  /** @param home a directory of the cluster's, in which the forwarder works */
  constructor(home: string) {
    this.#forwarder = new ForwarderClient(home);
  }

  /** A node that takes the place of one that was removed has its ports: others may know it by those. */
  async nodeOf({ name, port }: { name: string; port: number }): Promise<ForwardedNode> {
    const key = `${name} ${port}`;
    const node = this.#nodes.get(key) ?? (await ForwardedNode.create(this.#forwarder, name, port));
    this.#nodes.set(key, node);
    return node;
  }

  /** Ends the forwarder. */
  close(): void {
    this.#forwarder.close();
  }

  releasePorts(): void {
    for (const node of this.#nodes.values()) node.release();
    this.#nodes.clear();
  }
}
