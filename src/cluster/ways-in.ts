import { connectionUrl } from '../postgres/connection-url';
import type { Endpoint } from '../postgres/endpoint';
import type { Cluster } from './cluster';
import type { Node } from './node/node';

/** The URL of these nodes, with the tests' role and database. */
export function urlOfNodes(
  cluster: Cluster,
  nodes: readonly Node[],
  targetSessionAttrs?: string,
): string {
  const endpoints = nodes.map((node) => node.engineNode.endpoint);
  return urlOfEndpoints(cluster, endpoints, targetSessionAttrs);
}

/** The same for endpoints that are no node's own. */
export function urlOfEndpoints(
  { user, password, database, caFile }: Cluster,
  endpoints: readonly Endpoint[],
  targetSessionAttrs?: string,
): string {
  return connectionUrl({ user, password, endpoints, database, targetSessionAttrs, caFile });
}

/** Where what runs in the cluster's network finds a node; its URL if there is no such network. */
export function internalUrl(cluster: Cluster, node: Node): string {
  const isThere = networkForOthers(cluster) !== undefined;
  return isThere ? urlOfEndpoints(cluster, [cluster.addressOf(node)]) : urlOfNodes(cluster, [node]);
}

/**
 * The name of its network at the engine, if it has one. Others may go there now, so it stays: spares
 * would be in another one.
 */
export function networkForOthers({ plan: { engine, spares } }: Cluster): string | undefined {
  if (engine.network !== undefined) spares.allow(false);
  return engine.network;
}
