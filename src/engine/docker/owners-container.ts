import type Docker from 'dockerode';
import type { Deadline } from '../../base/deadline';
import { call, statusOf } from './client/api-call';
import type { OwnContainer } from './client/own-container';

/** Names one run of a container: for a label. */
export function noteOf({ id, startedAt }: OwnContainer): string {
  return `${id} ${startedAt}`;
}

/**
 * Whether what ran in a container of this engine has ended, as the container is gone, does not run, or
 * was started again. The engine can tell that of everybody's containers; of processes, only their own
 * machine and container can.
 */
export async function isOver(docker: Docker, note: string, deadline: Deadline): Promise<boolean> {
  const [id = '', startedAt] = note.split(' ');
  try {
    const { State } = await call(deadline, 'look at the container of an owner', (abortSignal) =>
      docker.getContainer(id).inspect({ abortSignal }),
    );
    // Podman does not say of a container that is paused that it runs.
    return !(State.Running || State.Paused) || State.StartedAt !== startedAt;
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return statusOf(error) === 404;
  }
}
