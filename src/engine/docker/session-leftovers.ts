import type Docker from 'dockerode';
import type { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import { call, unlessGone } from './client/api-call';
import { removeContainer } from './container/remove-container';
import { label as labels } from './image/labels';

/**
 * Removes every container, network and volume with this label; resolves to how many there were.
 *
 * @throws `ERR_PG_CLUSTER_ENGINE` that says what could not be removed, and how to do it by hand
 */
export async function removeLabelled(
  docker: Docker,
  label: string,
  deadline: Deadline,
): Promise<number> {
  const failures: string[] = [];
  const note = (error: unknown) => failures.push(messageOf(error));
  const filters = { label: [label] };

  const containers = await call(deadline, 'list containers', (abortSignal) =>
    docker.listContainers({ all: true, filters, abortSignal }),
  );
  await Promise.all(
    containers.map(({ Id }) =>
      removeContainer(docker.getContainer(Id), `container ${Id.slice(0, 12)}`, deadline).catch(
        note,
      ),
    ),
  );
  const networks = await call(deadline, 'list networks', (abortSignal) =>
    docker.listNetworks({ filters, abortSignal }),
  );
  await Promise.all(
    networks.map(({ Id, Name }) =>
      unlessGone(
        call(deadline, `remove network ${Name}`, (abortSignal) =>
          docker.getNetwork(Id).remove({ abortSignal }),
        ),
      ).catch(note),
    ),
  );
  // Those of bounded disks; anonymous ones went with their containers.
  const { Volumes } = await call(deadline, 'list volumes', (abortSignal) =>
    docker.listVolumes({ filters, abortSignal }),
  );
  // Some engines say null if there are none, whatever the types say.
  const volumes = Volumes ?? [];
  await Promise.all(
    volumes.map(({ Name }) =>
      unlessGone(
        call(deadline, `remove volume ${Name}`, (abortSignal) =>
          docker.getVolume(Name).remove({ abortSignal }),
        ),
      ).catch(note),
    ),
  );
  if (failures.length > 0) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `${failures.join('; ')}. By hand: docker ps -aq --filter label=${label} | xargs -r docker rm -fv; docker network prune -f --filter label=${label}; docker volume ls -q --filter label=${label} | xargs -r docker volume rm`,
    );
  }
  return containers.length + networks.length + volumes.length;
}

/** The owner of every session that has something here, by the session's id. */
export async function sessionsOf(
  docker: Docker,
  deadline: Deadline,
): Promise<ReadonlyMap<string, string>> {
  const filters = { label: [labels.session] };
  const [containers, networks, { Volumes }] = await Promise.all([
    call(deadline, 'list containers', (abortSignal) =>
      docker.listContainers({ all: true, filters, abortSignal }),
    ),
    call(deadline, 'list networks', (abortSignal) => docker.listNetworks({ filters, abortSignal })),
    call(deadline, 'list volumes', (abortSignal) => docker.listVolumes({ filters, abortSignal })),
  ]);
  const found = [...containers, ...networks, ...(Volumes ?? [])];
  return new Map(
    found.flatMap(({ Labels }) => {
      const { [labels.session]: session, [labels.owner]: owner } = Labels ?? {};
      return session && owner ? [[session, owner] as const] : [];
    }),
  );
}
