import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { ownContainerIds } from '../../../base/machine/own-container-ids';
import { call, statusOf } from './api-call';

/** The container that this process runs in, if it is one of the engine's own. */
export interface OwnContainer {
  readonly id: string;
  /** When it was last started: whatever ran in it before has ended. */
  readonly startedAt: string;
  /** Whose network it has: its own, most often. */
  readonly networkOf: string;
  /** As the engine calls it: `host`, `none`, or the name of a network. */
  readonly networkMode: string;
}

/**
 * Looks among the engine's containers for the one that this process runs in. Undefined if it runs in
 * none of them.
 */
export async function ownContainer(
  docker: Docker,
  deadline: Deadline,
): Promise<OwnContainer | undefined> {
  for (const candidate of ownContainerIds()) {
    const found = await lookAt(docker, candidate, deadline);
    // Containers may have names that look like the beginning of an id.
    if (!found?.Id.startsWith(candidate)) continue;
    const mode = found.HostConfig.NetworkMode ?? '';
    const [, other] = /^container:(.+)$/.exec(mode) ?? [];
    const owner = other === undefined ? found : await lookAt(docker, other, deadline);
    if (!owner) continue;
    return {
      id: found.Id,
      startedAt: found.State.StartedAt,
      networkOf: owner.Id,
      networkMode: owner.HostConfig.NetworkMode ?? '',
    };
  }
  return undefined;
}

/** Undefined if there is none, or if the engine, or what stands in front of it, shows it to nobody. */
async function lookAt(
  docker: Docker,
  id: string,
  deadline: Deadline,
): Promise<Docker.ContainerInspectInfo | undefined> {
  try {
    return await call(deadline, 'look at the container of this process', (abortSignal) =>
      docker.getContainer(id).inspect({ abortSignal }),
    );
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return undefined;
  }
}
