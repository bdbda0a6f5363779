import { type Deadline, within } from '../../../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../../../base/errors';

/**
 * One request to the engine, ended at the deadline. `what` completes "could not …".
 *
 * @throws `ERR_PG_CLUSTER_ENGINE`, whose cause is dockerode's error; `ERR_PG_CLUSTER_TIMEOUT`.
 */
export async function call<T>(
  deadline: Deadline,
  what: string,
  request: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await within(deadline, `the Docker engine to ${what}`, request);
  } catch (error) {
    if (codeOf(error) === 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `could not ${what}: ${engineMessage(error)}`,
      { cause: error },
    );
  }
}

/** The HTTP status that the engine answered with, if the error comes from such an answer. */
export function statusOf(error: unknown): number | undefined {
  const from = error instanceof PgClusterError ? error.cause : error;
  if (typeof from !== 'object' || from === null || !('statusCode' in from)) return undefined;
  return typeof from.statusCode === 'number' ? from.statusCode : undefined;
}

/** Waits for a request to remove something, which may be gone already. */
export async function unlessGone(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** The engine's own words, without dockerode's repetitions around them. */
function engineMessage(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'json' in error) {
    const { json } = error;
    if (typeof json === 'object' && json !== null && 'message' in json) return String(json.message);
  }
  if (codeOf(error) === 'ECONNREFUSED' || codeOf(error) === 'ENOENT') {
    return `the Docker engine has gone away (${messageOf(error)})`;
  }
  return messageOf(error);
}
