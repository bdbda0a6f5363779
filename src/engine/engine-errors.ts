import { PgClusterError } from '../base/errors';
import { whyNoTls } from './server-tls';

/** What not every engine can do, or not without being asked to. */
export type Feature = 'network faults' | 'disk faults' | 'images';

/**
 * For a node that was ended because its data took too much. @param why how much they took, and may
 * take
 */
export function atLimit(node: string, why: string): PgClusterError {
  return new PgClusterError(
    'ERR_PG_CLUSTER_LIMIT',
    `${node} was ended, to keep the machine alive: ${why}. If the data are meant to be that large, raise the option dataLimitMb. pgCluster.reset() (in an afterEach hook, say) and isolation: 'test' make it as new`,
  );
}

/**
 * @param engine which one, and what it lacks
 * @param what was asked for, e.g. `pg1 cannot be disconnected`
 */
export function unsupported(
  { kind, lacks }: { kind: string; lacks: Readonly<Partial<Record<Feature, string>>> },
  feature: Feature,
  what: string,
): PgClusterError {
  return new PgClusterError(
    'ERR_PG_CLUSTER_UNSUPPORTED',
    `${what}: there are no ${feature} on engine '${kind}', since ${lacks[feature] ?? 'it lacks them'}`,
  );
}

/** For what SQL of `init` may say, or a server that does not start; other messages stay as they are. */
export function withRemedy(message: string): string {
  const noTls = whyNoTls(message);
  if (noTls !== undefined) return `${message}; ${noTls}`;
  const isRefusal = /permission denied|must be superuser|must be owner|must have (the )?role/i;
  if (!isRefusal.test(message)) return message;
  return `${message}; the tests' role is no superuser: let the option extensions make extensions, or set superuser: true`;
}
