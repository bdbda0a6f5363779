import type { Deadline } from '../../base/deadline';
import type { Endpoint } from '../../postgres/endpoint';
import { formatSettings, type Settings } from '../../postgres/settings';
import type { Cluster } from '../cluster';
import { synchronousStandbyNames } from '../confirmers';
import { replicationRole } from '../node/database-roles';
import type { Node } from '../node/node';
import type { NodeShape } from '../node/node-shape';
import { inheritedFrom } from './inherited-settings';

/**
 * The settings that make a node this node, for postgresql.auto.conf. A master needs most of them
 * only once it is a slave.
 *
 * @param inherited other settings to write there; none by default
 */
export function nodeConf(
  shape: NodeShape,
  primaryConninfo: string,
  synchronousStandbyNames: string,
  inherited: Settings = {},
): string {
  return formatSettings({
    ...inherited,
    cluster_name: shape.name,
    primary_conninfo: primaryConninfo,
    primary_slot_name: shape.slot ? shape.name : '',
    recovery_min_apply_delay: `${shape.replayDelayMs}ms`,
    synchronous_standby_names: synchronousStandbyNames,
    ...shape.settings,
  });
}

/** The settings of a node that becomes a slave of `upstream`. */
export function slaveConf(
  cluster: Cluster,
  node: Node,
  upstream: Node,
  inherited?: Settings,
): string {
  const names = synchronousStandbyNames(cluster.synchronous, cluster.confirmersOf(node));
  return nodeConf(node.shape, conninfoOf(cluster, upstream), names, inherited);
}

/** The whole postgresql.auto.conf of a node that becomes a copy of `upstream` and its slave. */
export async function cloneConf(
  cluster: Cluster,
  node: Node,
  upstream: Node,
  deadline: Deadline,
): Promise<string> {
  return slaveConf(cluster, node, upstream, await inheritedFrom(cluster, upstream, deadline));
}

/** primary_conninfo of a slave of this node. */
export function conninfoOf(cluster: Cluster, upstream: Node): string {
  return primaryConninfo(cluster.addressOf(upstream));
}

/**
 * primary_conninfo: where a slave finds its upstream. It has no password, since servers log this
 * setting when it changes. The slave's cluster_name tells who it is. Nodes speak no TLS, and asking
 * for it first would cost a round trip.
 */
export function primaryConninfo({ host, port }: Endpoint): string {
  return `host=${host} port=${port} user=${replicationRole} sslmode=disable gssencmode=disable`;
}
