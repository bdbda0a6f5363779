import { PgClusterError } from '../base/errors';
import type { EngineKind } from './engine';

/** What not every engine can do, or not without being asked to. */
export type Feature = 'network faults' | 'disk faults' | 'images';

/**
 * The one table of what an engine lacks; for the error messages, the tests and the README. Each
 * text completes "… cannot be had on engine 'x': ".
 */
export const lacks: Readonly<Record<EngineKind, Readonly<Partial<Record<Feature, string>>>>> = {
  docker: {
    'disk faults':
      "the disk is the Docker engine's own, which has no bounds; set the option diskLimitMb, and the data get one that has",
  },
  local: {
    'network faults':
      'packets can only be kept back by a process in front of each node; ask for it by the option networkFaults: true',
    'disk faults':
      'a directory gets bounds only by a file system of its own, which root alone can mount; use Docker',
    images: 'nodes are processes of this machine; give binDir a PostgreSQL that has what you need',
  },
};

/** Of a node that was ended at its bound. @param why how much it took, and may take */
export function atLimit(node: string, why: string): PgClusterError {
  return new PgClusterError(
    'ERR_PG_CLUSTER_LIMIT',
    `${node} was ended, to keep the machine alive: ${why}. If nothing was written without end, raise the option dataLimitMb. pgCluster.reset() (in an afterEach hook, say) and isolation: 'test' make it as new`,
  );
}

/** @param what was asked for, e.g. `pg1 cannot be disconnected` */
export function unsupported(kind: EngineKind, feature: Feature, what: string): PgClusterError {
  return new PgClusterError(
    'ERR_PG_CLUSTER_UNSUPPORTED',
    `${what}: there are no ${feature} on engine '${kind}', since ${lacks[kind][feature] ?? 'it lacks them'}`,
  );
}
