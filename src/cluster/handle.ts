import { inspect } from 'node:util';
import type { CutFrom, StopMode } from '../engine/engine';
import { PgClusterError } from '../errors';
import type { PgCluster } from '../handle';
import type { PgNode } from '../node-handle';
import type { SlaveOptions } from '../options';
import { boolean, expected, oneOf, type Rule, text, wholeNumber } from '../rules';
import { anything, array, requireArgument, requireOptions } from './arguments';
import type { Cluster } from './cluster';
import { fillDisk, freeDisk } from './disk-faults';
import { openLedger } from './ledger';
import type { LedgerOptions } from './ledger-options';
import { addSlave, removeSlave } from './membership';
import { disconnect, reconnect, silenceConnections } from './network-faults';
import type { Node } from './node';
import { rejoin } from './rejoin';
import { delayReplay, pauseReplay, resumeReplay } from './replay-faults';
import { failover, promote, switchover } from './role-changes';
import { kill, pause, restart, start, stop, unpause } from './server-faults';
import {
  dropConnections,
  exhaustConnections,
  readOnly,
  releaseConnections,
} from './session-faults';
import { traced } from './traced';

const catchupMs = 10_000;
const dayMs = 86_400_000;

/** As libpq 14 and later take it. */
const targetSessionAttrs = oneOf(
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
);
const sqlRule = text(1_000_000_000, /\S/, 'a text that is not empty');
const params: Rule = (value) => (Array.isArray(value) ? { value } : expected('an array', value));

/**
 * What tests get to see of a cluster. Frozen, so that neither a test nor Jest, which empties the
 * objects that it finds in the globals of a file that has ended, takes it apart.
 */
export function handleOf(cluster: Cluster): PgCluster {
  const handles = new Map<Node, PgNode>();
  const wrap = (node: Node): PgNode => {
    const handle = handles.get(node) ?? nodeHandle(cluster, node);
    handles.set(node, handle);
    return handle;
  };
  const unwrap = (handle: PgNode): Node => {
    for (const [node, candidate] of handles) if (candidate === handle) return node;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ARGUMENT',
      `${inspect(handle, { depth: 0 })} is no node of this cluster; take one from pgCluster.nodes`,
    );
  };
  /** A node that may be left out. */
  const chosen = (handle: PgNode | undefined) =>
    handle === undefined ? undefined : unwrap(handle);

  return Object.freeze({
    get master() {
      return wrap(cluster.master);
    },
    get slaves() {
      return Object.freeze(cluster.slaves.map(wrap));
    },
    get nodes() {
      return Object.freeze(cluster.nodes.map(wrap));
    },
    node: (name: string) => wrap(cluster.node(name)),
    get masterUrl() {
      return cluster.url([cluster.master]);
    },
    get slaveUrls() {
      return Object.freeze(cluster.slaves.map((slave) => cluster.url([slave])));
    },
    url: (o?: { targetSessionAttrs?: string; order?: readonly string[] }) => {
      requireOptions('url', { targetSessionAttrs, order: array }, o);
      const nodes = o?.order?.map((name) => cluster.node(name)) ?? cluster.nodes;
      return cluster.url(nodes, o?.targetSessionAttrs);
    },
    pauseMaster: traced(async () => pause(cluster, cluster.master)),
    unpauseMaster: traced(async () => unpause(cluster, cluster.master)),
    stopMaster: traced(async (mode?: StopMode) => stop(cluster, cluster.master, mode)),
    startMaster: traced(async () => start(cluster, cluster.master)),
    killMaster: traced(async () => kill(cluster, cluster.master)),
    pauseSlave: traced(async (index: number = 0) => pause(cluster, cluster.slave(index))),
    unpauseSlave: traced(async (index: number = 0) => unpause(cluster, cluster.slave(index))),
    failover: traced(async (o?: { to?: PgNode; force?: boolean }) => {
      requireOptions('failover', { to: anything, force: boolean }, o);
      return wrap(await failover(cluster, { to: chosen(o?.to), force: o?.force }));
    }),
    switchover: traced(async (o?: { to?: PgNode }) => {
      requireOptions('switchover', { to: anything }, o);
      return wrap(await switchover(cluster, { to: chosen(o?.to) }));
    }),
    rejoin: traced(async (node: PgNode) => rejoin(cluster, unwrap(node))),
    addSlave: traced(async (spec?: SlaveOptions) => wrap(await addSlave(cluster, spec))),
    removeSlave: traced(async (node: PgNode) => removeSlave(cluster, unwrap(node))),
    waitForCatchup: traced(async (o?: { node?: PgNode; timeoutMs?: number }) => {
      requireOptions('waitForCatchup', { node: anything, timeoutMs: wholeNumber(0, dayMs) }, o);
      const node = chosen(o?.node);
      await cluster.waitForCatchup(node ? [node] : cluster.slaves, o?.timeoutMs ?? catchupMs);
    }),
    status: traced(async () => cluster.status()),
    ledger: traced(async (o?: LedgerOptions) => openLedger(cluster, o)),
    heal: traced(async () => {
      await cluster.heal();
    }),
    reset: traced(async () => cluster.snapshots.putBack(cluster.birth)),
    snapshot: traced(async (name?: string) => cluster.snapshots.take(name)),
    restore: traced(async (name?: string) => cluster.snapshots.restore(name)),
    get timeline() {
      return cluster.timeline.events;
    },
  });
}

function nodeHandle(cluster: Cluster, node: Node): PgNode {
  const { host, port } = node.engineNode.endpoint;
  return Object.freeze({
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
    pause: traced(async () => pause(cluster, node)),
    unpause: traced(async () => unpause(cluster, node)),
    stop: traced(async (mode?: StopMode) => stop(cluster, node, mode)),
    start: traced(async () => start(cluster, node)),
    restart: traced(async (mode?: StopMode) => restart(cluster, node, mode)),
    kill: traced(async () => kill(cluster, node)),
    promote: traced(async () => promote(cluster, node)),
    dropConnections: traced(async () => dropConnections(cluster, node)),
    exhaustConnections: traced(async () => exhaustConnections(cluster, node)),
    releaseConnections: traced(async () => releaseConnections(cluster, node)),
    readOnly: traced(async (on: boolean = true) => readOnly(cluster, node, on)),
    pauseReplay: traced(async () => pauseReplay(cluster, node)),
    resumeReplay: traced(async () => resumeReplay(cluster, node)),
    delayReplay: traced(async (ms: number) => delayReplay(cluster, node, ms)),
    disconnect: traced(async (o?: { from?: CutFrom }) => disconnect(cluster, node, o)),
    reconnect: traced(async () => reconnect(cluster, node)),
    fillDisk: traced(async () => fillDisk(cluster, node)),
    freeDisk: traced(async () => freeDisk(cluster, node)),
    silenceConnections: traced(async () => silenceConnections(cluster, node)),
    query: traced(async (sql: string, values: readonly unknown[] = []) => {
      requireArgument('query', 'sql', sqlRule, sql);
      requireArgument('query', 'params', params, values);
      cluster.assertMember(node);
      return node.query(sql, values);
    }) as PgNode['query'],
    logs: traced(async () => {
      cluster.assertMember(node);
      return node.logs();
    }),
  });
}
