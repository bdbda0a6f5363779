import type Docker from 'dockerode';
import type { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import type { SessionThere } from '../registry-entry';
import { call, unlessGone } from './client/api-call';
import { removeContainer } from './container/remove-container';
import { label as labels } from './image/labels';
import { isOver } from './owners-container';

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
  await emptyNetworks(docker, networks, deadline).catch(note);
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

/**
 * Has others leave these networks: the container of the tests, most often. No network is removed while
 * a container runs in it, and one that was stopped in it could not be started any more without it.
 */
async function emptyNetworks(
  docker: Docker,
  networks: readonly Docker.NetworkInspectInfo[],
  deadline: Deadline,
): Promise<void> {
  if (networks.length === 0) return;
  const filters = { network: networks.map(({ Id }) => Id) };
  const guests = await call(deadline, 'list containers', (abortSignal) =>
    docker.listContainers({ all: true, filters, abortSignal }),
  );
  await Promise.all(
    networks.flatMap((network) =>
      guests
        .filter(({ NetworkSettings }) => isIn(network, NetworkSettings.Networks))
        .map(({ Id }) =>
          unlessGone(
            call(deadline, `have container ${Id.slice(0, 12)} leave ${network.Name}`, () =>
              docker.getNetwork(network.Id).disconnect({ Container: Id, Force: true }),
            ),
          ),
        ),
    ),
  );
}

function isIn(
  { Id, Name }: Docker.NetworkInspectInfo,
  networks: Readonly<Record<string, { readonly NetworkID?: string }>>,
): boolean {
  return networks[Name] !== undefined || Object.values(networks).some((n) => n.NetworkID === Id);
}

/** Every session that has something here, by its id. */
export async function sessionsOf(
  docker: Docker,
  deadline: Deadline,
): Promise<ReadonlyMap<string, SessionThere>> {
  const filters = { label: [labels.session] };
  const [containers, networks, { Volumes }] = await Promise.all([
    call(deadline, 'list containers', (abortSignal) =>
      docker.listContainers({ all: true, filters, abortSignal }),
    ),
    call(deadline, 'list networks', (abortSignal) => docker.listNetworks({ filters, abortSignal })),
    call(deadline, 'list volumes', (abortSignal) => docker.listVolumes({ filters, abortSignal })),
  ]);
  const found = [...containers, ...networks, ...(Volumes ?? [])];
  const byId = new Map(found.map(({ Labels }) => [Labels?.[labels.session] ?? '', Labels ?? {}]));
  const sessions = await Promise.all(
    [...byId].map(async ([id, { [labels.owner]: owner, [labels.ownersContainer]: container }]) => {
      const hasEnded = container !== undefined && (await isOver(docker, container, deadline));
      return id && owner ? [[id, { owner, hasEnded }] as const] : [];
    }),
  );
  return new Map(sessions.flat());
}
