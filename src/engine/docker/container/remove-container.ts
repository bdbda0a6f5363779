import type Docker from 'dockerode';
import { type Deadline, poll } from '../../../base/deadline';
import { call, statusOf, unlessGone } from '../client/api-call';

/**
 * Removes a container, whatever state it is in, and its anonymous volumes. It may be gone already,
 * or others may be removing it right now: this resolves when it is gone.
 *
 * `what` completes "could not remove …".
 */
export async function removeContainer(
  container: Docker.Container,
  what: string,
  deadline: Deadline,
): Promise<void> {
  try {
    await unlessGone(
      call(deadline, `remove ${what}`, (abortSignal) =>
        container.remove({ force: true, v: true, abortSignal }),
      ),
    );
  } catch (error) {
    // "removal of container … is already in progress"
    if (statusOf(error) !== 409) throw error;
    await poll({
      deadline,
      what: `${what} to be removed by others`,
      intervalMs: 20,
      look: () => whetherGone(container, what, deadline),
    });
  }
}

async function whetherGone(container: Docker.Container, what: string, deadline: Deadline) {
  try {
    const { State } = await call(deadline, `look at ${what}`, (abortSignal) =>
      container.inspect({ abortSignal }),
    );
    return { seen: `it is ${State.Status}` };
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    return { done: undefined };
  }
}
