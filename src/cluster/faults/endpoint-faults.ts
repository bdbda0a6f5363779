import type { Cluster } from '../cluster';
import type { HowToFollow, MovingEndpoint } from '../endpoints/moving-endpoint';
import type { Node } from '../node/node';

const kinds = { slow: 'slow to follow', elsewhere: 'pointed elsewhere' } as const;

/** Has an endpoint follow changes of roles, at once or not. */
export async function follow(
  cluster: Cluster,
  endpoint: MovingEndpoint,
  how: HowToFollow = {},
): Promise<void> {
  const { delayMs = 0, keepSessions = false } = how;
  await cluster.change(`have the ${endpoint.name} follow`, async (tell) => {
    forget(cluster, endpoint);
    await endpoint.follow(how);
    if (delayMs === 0 && !keepSessions) return true;
    tell({
      detail: [delayMs > 0 ? `${delayMs} ms late` : '', keepSessions ? 'keeping sessions' : '']
        .filter((words) => words !== '')
        .join(', '),
    });
    book(cluster, endpoint, kinds.slow, () => follow(cluster, endpoint, how));
    return true;
  });
}

/** Has an endpoint lead to these nodes, whatever their roles are. */
export async function pointTo(
  cluster: Cluster,
  endpoint: MovingEndpoint,
  nodes: readonly Node[],
): Promise<void> {
  await cluster.change(`point the ${endpoint.name}`, async (tell) => {
    for (const node of nodes) cluster.assertMember(node);
    tell({ detail: nodes.length === 0 ? 'nowhere' : nodes.map(({ name }) => name).join(', ') });
    forget(cluster, endpoint);
    await endpoint.pointTo(nodes);
    book(cluster, endpoint, kinds.elsewhere, () => pointTo(cluster, endpoint, nodes));
    return true;
  });
}

function book(
  cluster: Cluster,
  endpoint: MovingEndpoint,
  kind: string,
  again: () => Promise<unknown>,
): void {
  const node = `the ${endpoint.name}`;
  cluster.faults.add({ node, kind, undo: () => endpoint.follow(), again, outlivesServer: true });
}

function forget(cluster: Cluster, endpoint: MovingEndpoint): void {
  for (const kind of Object.values(kinds)) cluster.faults.remove(`the ${endpoint.name}`, kind);
}
