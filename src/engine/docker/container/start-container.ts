import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { call } from '../client/api-call';
import type { Way } from '../dial/dial';

/**
 * Starts the container of a node, which is reached by `way`.
 * @throws `ERR_PG_CLUSTER_PORT_IN_USE` when something else listens on the endpoint's port
 */
export async function startContainer(
  container: Docker.Container,
  { name, way }: { name: string; way: Way },
  deadline: Deadline,
): Promise<void> {
  await withItsPort({ name, way }, () =>
    call(deadline, `start the container of ${name}`, (abortSignal) =>
      container.start({ abortSignal }),
    ),
  );
  await way.started?.(deadline);
}

/**
 * Does what has the engine listen on the port of a node. Podman does so when somebody attaches to a
 * container before it is started.
 * @throws `ERR_PG_CLUSTER_PORT_IN_USE` when something else listens there
 */
export async function withItsPort<T>(
  { name, way }: { name: string; way: Way },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // dockerd says the first for a port of another container, the second for any other listener.
    if (!/port is already allocated|address already in use/.test(messageOf(error))) throw error;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_PORT_IN_USE',
      `port ${way.endpoint.port} on ${way.endpoint.host}, meant for ${name}, is in use by something else`,
      { cause: error },
    );
  }
}
