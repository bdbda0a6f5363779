// Jest's types need Node's, and `types` in a tsconfig may name this package alone.
/// <reference types="node" preserve="true" />

import PgClusterEnvironment from './environment';
import type { PgCluster } from './handle';

export type { Ledger } from './cluster/ledger';
export type { LedgerCounts, LedgerReport, WriteOutcome } from './cluster/ledger-book';
export type { LedgerOptions } from './cluster/ledger-options';
export type { ClusterStatus, NodeStatus } from './cluster/status';
export type { ClusterEvent } from './cluster/timeline';
export type { StopMode } from './engine/engine';
export { PgClusterError, type PgClusterErrorCode } from './errors';
export type { PgCluster } from './handle';
export type { PgClusterMatchers } from './matcher-types';
export type { PgNode } from './node-handle';
export type { PgClusterOptions, Settings, SlaveOptions } from './options';
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
