import type { Realm } from '../base/realm';
import { boolean, expected, type Rule, text } from '../base/value-rules';
import type { Cluster } from '../cluster/cluster';
import { promote } from '../cluster/failover/promote';
import { conflict } from '../cluster/faults/conflict';
import {
  dropConnections,
  exhaustConnections,
  releaseConnections,
} from '../cluster/faults/connection-faults';
import { fillDisk, freeDisk } from '../cluster/faults/disk-faults';
import { cutFrom, disconnect, reconnect } from '../cluster/faults/network-faults';
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
import { connectionFilter } from '../cluster/faults/wire/connection-filter';
import { queries } from '../cluster/faults/wire/queries';
import {
  acceptConnections,
  refusal,
  refuseConnections,
} from '../cluster/faults/wire/refused-connections';
import { resetConnections } from '../cluster/faults/wire/reset-connections';
import { silenceConnections } from '../cluster/faults/wire/silenced-connections';
import { statement } from '../cluster/faults/wire/statement-pattern';
import { throttle, throttleRules, unthrottle } from '../cluster/faults/wire/throttle';
import { cutAt, cutRules } from '../cluster/faults/wire/trap';
import type { Node } from '../cluster/node/node';
import { internalUrl, urlOfNodes } from '../cluster/ways-in';
import { withMethods } from './arguments';
import { array, may, needs, options } from './parameters';
import type { PgNode } from './pg-node';
import { trapHandle } from './trap-handle';

const moment: Rule<number> = (value) =>
  typeof value === 'number' && value >= 0 && Number.isFinite(value)
    ? { value }
    : expected('a time in milliseconds since the epoch', value);
const sqlText = text(1_000_000_000, /\S/, 'a text that is not empty');

/** What tests get to see of one node. */
export function nodeHandle(cluster: Cluster, node: Node, realm: Realm): PgNode {
  const { host, port } = node.engineNode.endpoint;
  const properties = {
    name: node.name,
    host,
    port,
    url: urlOfNodes(cluster, [node]),
    get internalUrl() {
      return internalUrl(cluster, node);
    },
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
    dropConnections: {
      takes: [options(connectionFilter)],
      does: async (whose) => dropConnections(cluster, node, whose),
    },
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
    silenceConnections: {
      takes: [options(connectionFilter)],
      does: async (whose) => silenceConnections(cluster, node, whose),
    },
    resetConnections: {
      takes: [options(connectionFilter)],
      does: async (whose) => resetConnections(cluster, node, whose),
    },
    throttle: {
      takes: [options(throttleRules)],
      does: async (o = {}) => throttle(cluster, node, o),
    },
    unthrottle: { does: async () => unthrottle(cluster, node) },
    cutAt: {
      takes: [needs('statement', statement), options(cutRules)],
      does: async (at, o) => trapHandle(await cutAt(cluster, node, at, o), realm),
    },
    refuseConnections: {
      takes: [may('as', refusal)],
      does: async (as) => refuseConnections(cluster, node, as),
    },
    acceptConnections: { does: async () => acceptConnections(cluster, node) },
    queries: {
      takes: [options({ since: moment, matching: statement, parameters: boolean })],
      does: async (o) => queries(cluster, node, o),
    },
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
