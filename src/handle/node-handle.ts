import type { Realm } from '../base/realm';
import { boolean, text } from '../base/value-rules';
import type { Cluster } from '../cluster/cluster';
import { promote } from '../cluster/failover/promote';
import { conflict } from '../cluster/faults/conflict';
import {
  dropConnections,
  exhaustConnections,
  releaseConnections,
} from '../cluster/faults/connection-faults';
import { fillDisk, freeDisk } from '../cluster/faults/disk-faults';
import {
  cutFrom,
  disconnect,
  reconnect,
  silenceConnections,
} from '../cluster/faults/network-faults';
import { readOnly } from '../cluster/faults/read-only';
import {
  delayReplay,
  pauseReplay,
  replayDelay,
  resumeReplay,
} from '../cluster/faults/replay-faults';
import {
  kill,
  pause,
  restart,
  start,
  stop,
  stopMode,
  unpause,
} from '../cluster/faults/server-faults';
import type { Node } from '../cluster/node/node';
import { withMethods } from './arguments';
import { array, may, needs, options } from './parameters';
import type { PgNode } from './pg-node';

const sqlText = text(1_000_000_000, /\S/, 'a text that is not empty');

/** What tests get to see of one node. */
export function nodeHandle(cluster: Cluster, node: Node, realm: Realm): PgNode {
  const { host, port } = node.engineNode.endpoint;
  const properties = {
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
  };
  const handle = withMethods<PgNode>(properties, {
    pause: { does: async () => pause(cluster, node) },
    unpause: { does: async () => unpause(cluster, node) },
    stop: { takes: [may('mode', stopMode)], does: async (mode) => stop(cluster, node, mode) },
    start: { does: async () => start(cluster, node) },
    restart: { takes: [may('mode', stopMode)], does: async (mode) => restart(cluster, node, mode) },
    kill: { does: async () => kill(cluster, node) },
    promote: { does: async () => promote(cluster, node) },
    dropConnections: { does: async () => dropConnections(cluster, node) },
    exhaustConnections: { does: async () => exhaustConnections(cluster, node) },
    releaseConnections: { does: async () => releaseConnections(cluster, node) },
    readOnly: {
      takes: [may('on', boolean)],
      does: async (on = true) => readOnly(cluster, node, on),
    },
    pauseReplay: { does: async () => pauseReplay(cluster, node) },
    resumeReplay: { does: async () => resumeReplay(cluster, node) },
    delayReplay: {
      takes: [needs('ms', replayDelay)],
      does: async (ms) => delayReplay(cluster, node, ms),
    },
    conflict: { does: async () => conflict(cluster, node) },
    disconnect: {
      takes: [options({ from: cutFrom })],
      does: async (o) => disconnect(cluster, node, o),
    },
    reconnect: { does: async () => reconnect(cluster, node) },
    fillDisk: { does: async () => fillDisk(cluster, node) },
    freeDisk: { does: async () => freeDisk(cluster, node) },
    silenceConnections: { does: async () => silenceConnections(cluster, node) },
    query: {
      takes: [needs('sql', sqlText), may('params', array)],
      does: async <R>(sql: string, values: readonly unknown[] = []) => {
        cluster.assertMember(node);
        return node.query<R>(sql, values);
      },
    },
    logs: {
      does: async () => {
        cluster.assertMember(node);
        return node.logs();
      },
    },
  });
  return realm.handle(handle);
}
