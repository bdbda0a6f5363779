import { inspect } from 'node:util';
import { PgClusterError } from '../base/errors';
import { Realm } from '../base/realm';
import { boolean, oneOf } from '../base/value-rules';
import type { Cluster } from '../cluster/cluster';
import { failover } from '../cluster/failover/failover';
import { rejoin } from '../cluster/failover/rejoin';
import { switchover } from '../cluster/failover/switchover';
import { kill, pause, start, stop, stopMode, unpause } from '../cluster/faults/server-faults';
import { openLedger } from '../cluster/ledger/ledger';
import { ledgerRules } from '../cluster/ledger/ledger-options';
import { heal } from '../cluster/lifecycle/heal';
import { addSlave, removeSlave } from '../cluster/lifecycle/membership';
import { reset, restore } from '../cluster/lifecycle/restore';
import { snapshot, snapshotName } from '../cluster/lifecycle/snapshot';
import type { Node } from '../cluster/node/node';
import { status } from '../cluster/replication/status';
import { waitForCatchup } from '../cluster/replication/wait-for-catchup';
import { furtherSlaveRule } from '../cluster/settings/slave-rules';
import { networkForOthers, urlOfNodes } from '../cluster/ways-in';
import { withMethods } from './arguments';
import { endpointHandle } from './endpoint-handle';
import { ledgerHandle } from './ledger-handle';
import { nodeHandle } from './node-handle';
import { anything, filledArray, may, needs, options, timeoutMs } from './parameters';
import type { PgCluster } from './pg-cluster';
import type { PgEndpoint } from './pg-endpoint';
import type { PgNode } from './pg-node';

const catchupMs = 10_000;

/** The values that libpq 14 and later take. */
const targetSessionAttrs = oneOf(
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
);

/** What tests get to see of a cluster, in the realm that they run in. */
export function handleOf(cluster: Cluster, realm: Realm = Realm.own): PgCluster {
  const handles = new Map<Node, PgNode>();
  const wrap = (node: Node): PgNode => {
    const handle = handles.get(node) ?? nodeHandle(cluster, node, realm);
    handles.set(node, handle);
    return handle;
  };
  const unwrap = (handle: PgNode | string): Node => {
    if (typeof handle === 'string') return cluster.node(handle);
    for (const [node, candidate] of handles) if (candidate === handle) return node;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ARGUMENT',
      `${inspect(handle, { depth: 0 })} is no node of this cluster; take one from pgCluster.nodes, or give its name`,
    );
  };
  /** A node that may be left out. */
  const chosen = (handle: PgNode | string | undefined) =>
    handle === undefined ? undefined : unwrap(handle);

  const endpoints = new Map<string, PgEndpoint>();
  const endpoint = (name: 'writer' | 'reader'): PgEndpoint => {
    const moving = cluster.movingEndpoints?.[name];
    if (!moving) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_UNSUPPORTED',
        `there is no ${name}: nothing stands between the nodes and their clients, since the option \`wire\` is false; leave that out`,
      );
    }
    const known = endpoints.get(name) ?? endpointHandle(cluster, moving, realm, { wrap, unwrap });
    endpoints.set(name, known);
    return known;
  };

  const properties = {
    get master() {
      return wrap(cluster.master);
    },
    get slaves() {
      return Object.freeze(cluster.slaves.map(wrap));
    },
    get nodes() {
      return Object.freeze(cluster.nodes.map(wrap));
    },
    get masterUrl() {
      return urlOfNodes(cluster, [cluster.master]);
    },
    get slaveUrls() {
      return Object.freeze(cluster.slaves.map((slave) => urlOfNodes(cluster, [slave])));
    },
    get caFile() {
      return cluster.caFile;
    },
    get network() {
      return networkForOthers(cluster);
    },
    get writer() {
      return endpoint('writer');
    },
    get reader() {
      return endpoint('reader');
    },
    get timeline() {
      return cluster.timeline.events;
    },
  };
  // Nodes, names and indexes are checked when they are looked up.
  const handle = withMethods<PgCluster>(properties, {
    node: { takes: [needs('name', anything)], does: (name) => wrap(cluster.node(name)) },
    url: {
      takes: [options({ targetSessionAttrs, order: filledArray })],
      does: (o) => {
        const nodes = o?.order?.map((name) => cluster.node(name)) ?? cluster.nodes;
        return urlOfNodes(cluster, nodes, o?.targetSessionAttrs);
      },
    },
    pauseMaster: { does: async () => pause(cluster, cluster.master) },
    unpauseMaster: { does: async () => unpause(cluster, cluster.master) },
    stopMaster: {
      takes: [may('mode', stopMode)],
      does: async (mode) => stop(cluster, cluster.master, mode),
    },
    startMaster: { does: async () => start(cluster, cluster.master) },
    killMaster: { does: async () => kill(cluster, cluster.master) },
    pauseSlave: {
      takes: [may('index', anything)],
      does: async (index = 0) => pause(cluster, cluster.slave(index)),
    },
    unpauseSlave: {
      takes: [may('index', anything)],
      does: async (index = 0) => unpause(cluster, cluster.slave(index)),
    },
    failover: {
      takes: [options({ to: anything, force: boolean })],
      does: async (o) => wrap(await failover(cluster, { to: chosen(o?.to), force: o?.force })),
    },
    switchover: {
      takes: [options({ to: anything })],
      does: async (o) => wrap(await switchover(cluster, { to: chosen(o?.to) })),
    },
    rejoin: {
      takes: [needs('node', anything)],
      does: async (node) => rejoin(cluster, unwrap(node)),
    },
    addSlave: {
      takes: [may('the slave', furtherSlaveRule)],
      does: async (spec) => wrap(await addSlave(cluster, spec)),
    },
    removeSlave: {
      takes: [needs('node', anything)],
      does: async (node) => removeSlave(cluster, unwrap(node)),
    },
    waitForCatchup: {
      takes: [options({ node: anything, timeoutMs })],
      does: async (o) => {
        const node = chosen(o?.node);
        await waitForCatchup(cluster, node ? [node] : cluster.slaves, o?.timeoutMs ?? catchupMs);
      },
    },
    status: { does: async () => status(cluster) },
    ledger: {
      takes: [options(ledgerRules)],
      does: async (o) => ledgerHandle(await openLedger(cluster, o), realm),
    },
    heal: {
      does: async () => {
        await heal(cluster);
      },
    },
    reset: { does: async () => reset(cluster) },
    snapshot: {
      takes: [may('name', snapshotName)],
      does: async (name) => snapshot(cluster, name),
    },
    restore: {
      takes: [may('name', snapshotName)],
      does: async (name) => restore(cluster, name),
    },
  });
  return realm.handle(handle);
}
