import { PgClusterError } from '../base/errors';
import { sayOncePerRun } from '../base/machine/say-once-per-run';

/**
 * Whether the clusters of failed tests are to be kept for a person to look at: PG_CLUSTER_KEEP is
 * `on-failure`, or `force` on CI, where usually nobody could.
 * @throws `ERR_PG_CLUSTER_OPTIONS` for anything else
 */
export function keepsFailed(env: NodeJS.ProcessEnv = process.env): boolean {
  const { PG_CLUSTER_KEEP: keep = '', CI: ci = '' } = env;
  if (keep === '' || keep === 'force') return keep === 'force';
  if (keep !== 'on-failure') {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_OPTIONS',
      `PG_CLUSTER_KEEP must be on-failure, or force on CI, not ${JSON.stringify(keep)}; nothing was started`,
    );
  }
  if (ci === '' || ci === 'false' || ci === '0') return true;
  sayOncePerRun(
    'keep-on-ci',
    'PG_CLUSTER_KEEP=on-failure has no effect on CI, where a run would wait an hour for somebody to press Enter; PG_CLUSTER_KEEP=force keeps clusters there, too',
  );
  return false;
}
