import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { call } from '../client/api-call';
import { demultiplex } from '../client/log-frames';
import { removeContainer } from './remove-container';

/** Makes a container for a cluster; the engine keeps track of it, so that it is not left behind. */
export type MakeContainer = (
  options: Docker.ContainerCreateOptions,
  what: string,
  deadline: Deadline,
) => Promise<Docker.Container>;

/** How a command ended, and what it said on stdout and stderr. */
export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Runs a command as root, with the capability NET_ADMIN, in the network namespace of `container`:
 * in a container of its own from the same image, that lives as long as the command.
 *
 * Not by an exec in the node's container: that would never end in a frozen one, and would get no
 * capability, since nodes run as postgres with no-new-privileges. So nodes need no capability.
 *
 * `what` completes "could not …".
 */
export async function runBeside(
  container: Docker.Container,
  o: {
    makeContainer: MakeContainer;
    command: readonly string[];
    what: string;
    /**
     * Called when the command has ended. It costs no time, as the container is being removed
     * meanwhile.
     */
    onEnd?: ((exitCode: number) => Promise<void>) | undefined;
  },
  deadline: Deadline,
): Promise<CommandResult> {
  const { what } = o;
  const { Image, HostConfig } = await call(deadline, what, (abortSignal) =>
    container.inspect({ abortSignal }),
  );
  const options: Docker.ContainerCreateOptions = {
    Image,
    Entrypoint: [...o.command],
    Cmd: [],
    User: 'root',
    HostConfig: {
      NetworkMode: `container:${container.id}`,
      CapDrop: ['ALL'],
      CapAdd: ['NET_ADMIN'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'json-file', Config: {} },
      // In place of the base image's volumes, as in the node's container.
      Tmpfs: HostConfig.Tmpfs,
    },
  };
  const helper = await o.makeContainer(options, what, deadline);
  let seen: Promise<void> | undefined;
  try {
    await call(deadline, what, (abortSignal) => helper.start({ abortSignal }));
    const { StatusCode } = await call(deadline, what, (abortSignal) =>
      helper.wait({ abortSignal }),
    );
    seen = o.onEnd?.(StatusCode);
    const frames = await call(deadline, what, (abortSignal) =>
      helper.logs({ stdout: true, stderr: true, follow: false, abortSignal }),
    );
    return { exitCode: StatusCode, output: demultiplex(frames).trim() };
  } finally {
    await Promise.all([removeContainer(helper, `the helper container of ${what}`, deadline), seen]);
  }
}
