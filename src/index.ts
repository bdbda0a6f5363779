// Jest's types need Node's, and `types` in a tsconfig may name this package alone.
/// <reference types="node" preserve="true" />

import type { PgCluster } from './handle/pg-cluster';
import PgClusterEnvironment from './jest/environment';

export { PgClusterError, type PgClusterErrorCode } from './base/errors';
export type { SlaveOptions } from './cluster/cluster-spec';
export type { Ledger } from './cluster/ledger/ledger';
export type { LedgerCounts, LedgerReport, WriteOutcome } from './cluster/ledger/ledger-book';
export type { LedgerOptions } from './cluster/ledger/ledger-options';
export type { ClusterStatus, NodeStatus } from './cluster/replication/status';
export type { ClusterEvent } from './cluster/timeline';
export type { StopMode } from './engine/engine';
export type { PgCluster } from './handle/pg-cluster';
export type { PgNode } from './handle/pg-node';
export type { PgClusterMatchers } from './jest/matcher-types';
export type { PgClusterOptions } from './options/pg-cluster-options';
export type { Settings } from './postgres/settings';
// Not re-exported in one go: Node's reader of CommonJS exports would miss the named one then, and
// `import { TestEnvironment }` would fail.
export default PgClusterEnvironment;
export { PgClusterEnvironment as TestEnvironment };

declare global {
  /** The cluster of this test file, and what can be done to it. */
  var pgCluster: PgCluster;
  /** Connection URL of the node that was master when the file began. */
  var PG_MASTER_URL: string;
  /** Connection URLs of the nodes that were slaves then, in name order. */
  var PG_SLAVE_URLS: string[];
}
