import type Docker from 'dockerode';
import { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import type { Progress } from '../../../base/progress';
import { call, statusOf } from '../client/api-call';
import { follow } from './build-image';
import { registryLogin } from './registry-login';

/** How long a credential helper may take; it may have to ask a person. */
const loginMs = 60_000;

interface Wanted {
  readonly image: string;
  /** As in `linux/arm64`; undefined: the engine's own. */
  readonly platform: string | undefined;
}

/**
 * The id of the image that everything is built on. Pulls it if the engine does not have it, or has it
 * for another platform.
 *
 * @throws `ERR_PG_CLUSTER_IMAGE` that says what was tried and how to give an image.
 */
export async function baseImage(
  docker: Docker,
  { image, platform }: Wanted,
  progress: Progress,
  deadline: Deadline,
): Promise<string> {
  try {
    const found = await inspectImage(docker, image);
    if (platform === undefined || isFor(platform, found)) return found.Id;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
  const reference = /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
  progress.step(`pulling ${reference}`);
  const { login, problem } = await registryLogin(reference, process.env, deadline.atMost(loginMs));
  try {
    const stream = await call(deadline, `pull ${reference}`, (abortSignal) =>
      docker.pull(reference, { abortSignal, authconfig: login, platform }),
    );
    await follow(docker, stream, deadline, `pull ${reference}`, (event) => {
      if (event.status) progress.step(`pulling ${reference}: ${layerless(event.status)}`);
    });
    const pulled = await inspectImage(docker, image);
    if (platform !== undefined && !isFor(platform, pulled)) {
      throw new Error(`what came is for ${platformOf(pulled)}, not for ${platform}`);
    }
    progress.end(`pulled ${reference}`);
    return pulled.Id;
  } catch (error) {
    progress.end();
    throw new PgClusterError(
      'ERR_PG_CLUSTER_IMAGE',
      `the base image ${image} is not available: the engine does not have it, and pulling it failed: ${messageOf(error)}\n` +
        (problem === undefined ? '' : `Its registry was asked without a login: ${problem}\n`) +
        'Load it by hand (docker pull, docker load), or name another one with the option `image`: ' +
        'any Debian- or Alpine-based image that carries PostgreSQL will do.',
      { cause: error },
    );
  }
}

/** A platform may leave the variant of a processor open. */
function isFor(platform: string, image: Docker.ImageInspectInfo): boolean {
  return `${platformOf(image)}/`.startsWith(`${platform}/`);
}

function platformOf({ Os, Architecture, Variant }: Docker.ImageInspectInfo): string {
  return [Os, Architecture, Variant].filter(Boolean).join('/');
}

/** @throws with `statusOf` 404 when the engine does not have it. */
export function inspectImage(docker: Docker, image: string): Promise<Docker.ImageInspectInfo> {
  return call(Deadline.in(10_000), `look at the image ${image}`, (abortSignal) =>
    docker.getImage(image || 'unknown').inspect({ abortSignal } as Docker.ImageInspectOptions),
  );
}

/** The status without the digest at its end, which would make each line a new one. */
function layerless(status: string): string {
  return status.replace(/\s*sha256:[0-9a-f]+.*/, '').toLowerCase();
}
