import { ForwardedNode } from './forwarded-node';
import { ForwarderClient } from './forwarder-client';

/** The nodes of one cluster behind its forwarder. */
export class ForwardedNodes {
  readonly #forwarder: ForwarderClient;
  /** By the name of the node, and the port that its clients know. */
  readonly #nodes = new Map<string, ForwardedNode>();

  /** @param home a directory of the cluster's, in which the forwarder works */
  constructor(home: string) {
    this.#forwarder = new ForwarderClient(home);
  }

  /** A node that replaces a removed one keeps its ports: others may know them. */
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
