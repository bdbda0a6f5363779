import type { Realm } from '../base/realm';
import type { Cluster } from '../cluster/cluster';
import { promote } from '../cluster/failover/promote';
import {
  dropConnections,
  exhaustConnections,
  releaseConnections,
} from '../cluster/faults/connection-faults';
import { fillDisk, freeDisk } from '../cluster/faults/disk-faults';
import { disconnect, reconnect, silenceConnections } from '../cluster/faults/network-faults';
import { readOnly } from '../cluster/faults/read-only';
import { delayReplay, pauseReplay, resumeReplay } from '../cluster/faults/replay-faults';
import { kill, pause, restart, start, stop, unpause } from '../cluster/faults/server-faults';
import type { Node } from '../cluster/node/node';
import type { CutFrom, StopMode } from '../engine/engine';
import { checked } from './arguments';
import type { PgNode } from './pg-node';
import { nodeSignatures } from './signatures';

/** What tests get to see of one node. */
export function nodeHandle(cluster: Cluster, node: Node, realm: Realm): PgNode {
  const { host, port } = node.engineNode.endpoint;
  const methods: PgNode = {
    name: node.name,
    host,
    port,
    url: cluster.url([node]),
    get role() {
      return cluster.roleOf(node);
    },
    get state() {
      return node.state;
    },
    pause: async () => pause(cluster, node),
    unpause: async () => unpause(cluster, node),
    stop: async (mode?: StopMode) => stop(cluster, node, mode),
    start: async () => start(cluster, node),
    restart: async (mode?: StopMode) => restart(cluster, node, mode),
    kill: async () => kill(cluster, node),
    promote: async () => promote(cluster, node),
    dropConnections: async () => dropConnections(cluster, node),
    exhaustConnections: async () => exhaustConnections(cluster, node),
    releaseConnections: async () => releaseConnections(cluster, node),
    readOnly: async (on: boolean = true) => readOnly(cluster, node, on),
    pauseReplay: async () => pauseReplay(cluster, node),
    resumeReplay: async () => resumeReplay(cluster, node),
    delayReplay: async (ms: number) => delayReplay(cluster, node, ms),
    disconnect: async (o?: { from?: CutFrom }) => disconnect(cluster, node, o),
    reconnect: async () => reconnect(cluster, node),
    fillDisk: async () => fillDisk(cluster, node),
    freeDisk: async () => freeDisk(cluster, node),
    silenceConnections: async () => silenceConnections(cluster, node),
    query: (async (sql: string, values: readonly unknown[] = []) => {
      cluster.assertMember(node);
      return node.query(sql, values);
    }) as PgNode['query'],
    logs: async () => {
      cluster.assertMember(node);
      return node.logs();
    },
  };
  return realm.handle(checked(methods, nodeSignatures));
}
