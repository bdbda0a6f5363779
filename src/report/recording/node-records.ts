import type { Cluster } from '../../cluster/cluster';
import type { EndpointIs, NodeIs } from '../records';

/** Tells what has changed of nodes and endpoints since it was last asked. */
export class NodeRecords {
  readonly #cluster: Cluster;
  readonly #told = new Map<string, { readonly record: NodeIs; readonly text: string }>();
  readonly #pointed = new Map<string, string>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  changes(): NodeIs[] {
    const now = this.#cluster.nodes.map((node) => node.name);
    const gone = [...this.#told.values()]
      .filter(({ record }) => record.role !== 'gone' && !now.includes(record.node))
      .map(({ record }): NodeIs => ({ ...record, role: 'gone', upstream: null, state: 'stopped' }));
    return [...this.#nodes(), ...gone].filter((record) => this.#isNew(record));
  }

  endpointChanges(): EndpointIs[] {
    const { movingEndpoints } = this.#cluster;
    if (!movingEndpoints) return [];
    return (['writer', 'reader'] as const).flatMap((endpoint): EndpointIs[] => {
      const targets = movingEndpoints[endpoint].targets.map(({ name }) => name);
      const text = targets.join();
      if (this.#pointed.get(endpoint) === text) return [];
      this.#pointed.set(endpoint, text);
      return [{ kind: 'endpoint', endpoint, targets }];
    });
  }

  #nodes(): NodeIs[] {
    const cluster = this.#cluster;
    return cluster.nodes.map((node) => {
      const role = cluster.roleOf(node);
      return {
        kind: 'node',
        node: node.name,
        role,
        upstream: role === 'slave' && node.isStandby ? cluster.upstreamOf(node).name : null,
        state: node.state,
        // What a slave is on, it would have to be asked.
        timelineId: node.isStandby ? null : node.history.timelineId,
      };
    });
  }

  #isNew(record: NodeIs): boolean {
    const text = JSON.stringify(record);
    if (this.#told.get(record.node)?.text === text) return false;
    this.#told.set(record.node, { record, text });
    return true;
  }
}
