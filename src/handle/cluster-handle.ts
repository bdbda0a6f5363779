import { inspect } from 'node:util';
import { PgClusterError } from '../base/errors';
import { Realm } from '../base/realm';
import type { Cluster } from '../cluster/cluster';
import type { SlaveOptions } from '../cluster/cluster-spec';
import { failover } from '../cluster/failover/failover';
import { rejoin } from '../cluster/failover/rejoin';
import { switchover } from '../cluster/failover/switchover';
import { kill, pause, start, stop, unpause } from '../cluster/faults/server-faults';
import { openLedger } from '../cluster/ledger/ledger';
import type { LedgerOptions } from '../cluster/ledger/ledger-options';
import { heal } from '../cluster/lifecycle/heal';
import { addSlave, removeSlave } from '../cluster/lifecycle/membership';
import { reset, restore } from '../cluster/lifecycle/restore';
import { snapshot } from '../cluster/lifecycle/snapshot';
import type { Node } from '../cluster/node/node';
import { waitForCatchup } from '../cluster/replication/catch-up';
import { status } from '../cluster/replication/status';
import type { StopMode } from '../engine/engine';
import { checked } from './arguments';
import { nodeHandle } from './node-handle';
import type { PgCluster } from './pg-cluster';
import type { PgNode } from './pg-node';
import { clusterSignatures, ledgerSignatures } from './signatures';

const catchupMs = 10_000;

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

  const methods: PgCluster = {
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
      const nodes = o?.order?.map((name) => cluster.node(name)) ?? cluster.nodes;
      return cluster.url(nodes, o?.targetSessionAttrs);
    },
    pauseMaster: async () => pause(cluster, cluster.master),
    unpauseMaster: async () => unpause(cluster, cluster.master),
    stopMaster: async (mode?: StopMode) => stop(cluster, cluster.master, mode),
    startMaster: async () => start(cluster, cluster.master),
    killMaster: async () => kill(cluster, cluster.master),
    pauseSlave: async (index: number = 0) => pause(cluster, cluster.slave(index)),
    unpauseSlave: async (index: number = 0) => unpause(cluster, cluster.slave(index)),
    failover: async (o?: { to?: PgNode | string; force?: boolean }) => {
      return wrap(await failover(cluster, { to: chosen(o?.to), force: o?.force }));
    },
    switchover: async (o?: { to?: PgNode | string }) => {
      return wrap(await switchover(cluster, { to: chosen(o?.to) }));
    },
    rejoin: async (node: PgNode | string) => rejoin(cluster, unwrap(node)),
    addSlave: async (spec?: SlaveOptions) => wrap(await addSlave(cluster, spec)),
    removeSlave: async (node: PgNode | string) => removeSlave(cluster, unwrap(node)),
    waitForCatchup: async (o?: { node?: PgNode | string; timeoutMs?: number }) => {
      const node = chosen(o?.node);
      await waitForCatchup(cluster, node ? [node] : cluster.slaves, o?.timeoutMs ?? catchupMs);
    },
    status: async () => status(cluster),
    ledger: async (o?: LedgerOptions) =>
      realm.handle(checked(await openLedger(cluster, o), ledgerSignatures)),
    heal: async () => {
      await heal(cluster);
    },
    reset: async () => reset(cluster),
    snapshot: async (name?: string) => snapshot(cluster, name),
    restore: async (name?: string) => restore(cluster, name),
    get timeline() {
      return cluster.timeline.events;
    },
  };
  return realm.handle(checked(methods, clusterSignatures));
}
