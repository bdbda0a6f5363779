/**
 * A cluster for whoever needs one: a test runner that is not Jest, or a script.
 *
 * @module
 */

// `Symbol.asyncDispose` needs Node's types, and `types` in a tsconfig may name other ones alone.
/// <reference types="node" preserve="true" />

import { Realm } from '../base/realm';
import { removeGuarded, startGuarded } from '../cluster/lifecycle/guarded-cluster';
import { handleOf } from '../handle/cluster-handle';
import type { PgCluster } from '../handle/pg-cluster';
import { type StartClusterOptions, takeClusterOptions } from '../options/take-cluster-options';
import { stayingAlive } from './staying-alive';

export { PgClusterError, type PgClusterErrorCode } from '../base/errors';
export type { SlaveOptions } from '../cluster/cluster-spec';
export type { ConnectionFilter } from '../cluster/faults/wire/connection-filter';
export type { PgQuery, WhichQueries } from '../cluster/faults/wire/queries';
export type { ThrottleOptions } from '../cluster/faults/wire/throttle';
export type { CutOptions, PgHit } from '../cluster/faults/wire/trap';
export type { Ledger } from '../cluster/ledger/ledger';
export type { LedgerCounts, LedgerReport, WriteOutcome } from '../cluster/ledger/ledger-book';
export type { LedgerOptions } from '../cluster/ledger/ledger-options';
export type { PrepareOptions } from '../cluster/prepare/prepare-rule';
export type { ClusterStatus, NodeStatus } from '../cluster/replication/status';
export type { ClusterEvent } from '../cluster/timeline';
export type { StopMode } from '../engine/engine-node';
export type { PgCluster } from '../handle/pg-cluster';
export type { PgEndpoint } from '../handle/pg-endpoint';
export type { PgNode } from '../handle/pg-node';
export type { PgTrap } from '../handle/trap-handle';
export type { StartClusterOptions } from '../options/take-cluster-options';
export type { Settings } from '../postgres/settings';

/** A cluster that runs until it is stopped, or until the process that started it ends. */
export interface RunningCluster extends PgCluster {
  /**
   * Removes the cluster; from then on its methods reject with `ERR_PG_CLUSTER_CLOSED`. It may be
   * called more than once, and resolves when everything is gone.
   */
  stop(): Promise<void>;
  /** The same as {@link stop}, at the end of a block: `await using cluster = await startCluster()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a master with streaming slaves, for this process: any test runner, or a script. It resolves
 * when all slaves stream. Nothing is put into `process.env`: the URLs are the handle's.
 *
 * Nobody heals this cluster: call `cluster.heal()` or `cluster.reset()` between tests. A process may
 * have several clusters. One that is not stopped goes when the process ends, however it ends, and does
 * not keep it from ending.
 *
 * @param options those of the environment, but for the ones about tests. Bad ones start nothing.
 * @throws `PgClusterError`, such as `ERR_PG_CLUSTER_OPTIONS`, `ERR_PG_CLUSTER_NO_ENGINE` or
 * `ERR_PG_CLUSTER_START`. Nothing is left then.
 *
 * @example
 * import { startCluster } from 'jest-environment-pg-cluster/cluster';
 *
 * await using cluster = await startCluster({ slaves: 2 });
 * await cluster.killMaster();
 * await cluster.failover();
 */
export async function startCluster(options?: StartClusterOptions): Promise<RunningCluster> {
  const valid = takeClusterOptions(options);
  const cluster = await stayingAlive(() => startGuarded(valid));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= stayingAlive(() => removeGuarded(cluster));
    return stopping;
  };
  const handle = handleOf(cluster, Realm.own);
  return Object.freeze(
    Object.defineProperties({} as RunningCluster, {
      ...Object.getOwnPropertyDescriptors(handle),
      stop: { value: stop, enumerable: true },
      [Symbol.asyncDispose]: { value: stop },
    }),
  );
}
