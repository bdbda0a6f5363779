// Jest's types need Node's, and `types` in a tsconfig may name this package alone.
/// <reference types="node" preserve="true" />

import PgClusterEnvironment from './jest/environment';
// For its types: declaration files keep no other kind of import.
import './runner/test-globals';

export { PgClusterError, type PgClusterErrorCode } from './base/errors';
export type { SlaveOptions } from './cluster/cluster-spec';
export type { ConnectionFilter } from './cluster/faults/wire/connection-filter';
export type { PgQuery, WhichQueries } from './cluster/faults/wire/queries';
export type { ThrottleOptions } from './cluster/faults/wire/throttle';
export type { CutOptions, PgHit } from './cluster/faults/wire/trap';
export type { Ledger } from './cluster/ledger/ledger';
export type { LedgerCounts, LedgerReport, WriteOutcome } from './cluster/ledger/ledger-book';
export type { LedgerOptions } from './cluster/ledger/ledger-options';
export type { PrepareOptions } from './cluster/prepare/prepare-rule';
export type { ClusterStatus, NodeStatus } from './cluster/replication/status';
export type { ClusterEvent } from './cluster/timeline';
export type { StopMode } from './engine/engine-node';
export type { PgCluster } from './handle/pg-cluster';
export type { PgEndpoint } from './handle/pg-endpoint';
export type { PgNode } from './handle/pg-node';
export type { PgTrap } from './handle/trap-handle';
export type { PgClusterMatchers } from './jest/matchers/matcher-types';
export type { PgClusterOptions } from './options/pg-cluster-options';
export type { Settings } from './postgres/settings';
// Two statements, since Node's reader of CommonJS exports misses the named export in a combined
// one, and `import { TestEnvironment }` would fail.
export default PgClusterEnvironment;
export { PgClusterEnvironment as TestEnvironment };
