import type Docker from 'dockerode';
import { codeOf } from '../../base/errors';
import { connectDocker } from './client/connect';

/**
 * Does the same on the engine that `docker` would use, and on those at `hosts`. All have their turn,
 * whatever fails; the first failure is thrown afterwards.
 *
 * @param o `mayBeAway`: one of `hosts` need not answer
 */
export async function onEachEngine<T>(
  hosts: readonly string[],
  work: (docker: Docker) => Promise<T>,
  { mayBeAway = false } = {},
): Promise<T[]> {
  const outcomes = await Promise.allSettled(
    [undefined, ...hosts].map(async (host) => {
      try {
        const { docker } = await connectDocker(host === undefined ? {} : { hosts: [host] });
        return [await work(docker)];
      } catch (error) {
        const isAway = codeOf(error) === 'ERR_PG_CLUSTER_NO_ENGINE';
        // Where others are named, there need be none that is not.
        if (isAway && (host === undefined ? hosts.length > 0 : mayBeAway)) return [];
        throw error;
      }
    }),
  );
  return outcomes.flatMap((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
