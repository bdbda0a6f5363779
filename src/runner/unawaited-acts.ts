import { PgClusterError } from '../base/errors';
import type { ActUnderWay } from '../cluster/acts';

/** The error of a test that ended while acts were still under way; undefined if there are none. */
export function unawaitedActs(acts: readonly ActUnderWay[]): PgClusterError | undefined {
  const [first] = acts;
  if (!first) return undefined;
  const names = acts.map(({ act, node }) => (node ? `"${act}" of ${node}` : `"${act}"`));
  const error = new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${names.join(' and ')} ${acts.length > 1 ? 'were' : 'was'} still under way when the test ended: nobody awaited what the method returns. Write await before the call (in an arrow function without braces: return it)`,
  );
  // So Jest shows the line of the call.
  error.stack = `${error.name} [${error.code}]: ${error.message}\n${first.calledFrom}`;
  return error;
}
