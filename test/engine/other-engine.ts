import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type Docker from 'dockerode';
import { Deadline, poll } from '../../src/base/deadline';
import { messageOf } from '../../src/base/errors';
import { copyImages } from './copy-image';
import { aptInstall, isDebianRoot } from './debian';
import { pingFailure } from './dockerd-process';
import { sayLoudly, step } from './report';

/** An engine of our own that is not a dockerd of root, and shares nothing with the machine's. */
export interface OtherEngine {
  readonly docker: Docker;
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Runs a command where its containers can be reached, in its own place. */
  readonly via: readonly string[];
  /** Ends it and all that it has started, and removes all that was made for it. */
  end(): Promise<void>;
}

/** What makes one. */
export type StartEngine = (from: Docker, images: readonly string[]) => Promise<OtherEngine>;

/** Debian's packages that such an engine needs, unless all of these programs are there. */
export async function need(
  programs: readonly string[],
  packages: readonly string[],
): Promise<void> {
  if (!isDebianRoot()) {
    throw new Error(
      'these tests run an engine of their own: only on Debian, as root, do we install it',
    );
  }
  const folders = ['/usr/bin', '/usr/sbin', '/usr/lib/podman', '/usr/share/docker.io/contrib'];
  const isThere = (name: string) => folders.some((folder) => existsSync(`${folder}/${name}`));
  if (programs.every(isThere)) return;
  sayLoudly(`installing Debian packages ${packages.join(', ')}`);
  await aptInstall(packages);
}

/** Waits for one that has just been started, and gives it images of another; else it is ended. */
export async function ready(
  name: string,
  o: {
    engine: OtherEngine;
    process: ChildProcess;
    log: () => string;
    from: Docker;
    images: readonly string[];
  },
): Promise<OtherEngine> {
  const { engine, process, log, from, images } = o;
  try {
    await step(`${name} start`, () =>
      poll({
        deadline: Deadline.in(60_000),
        what: `${name} to answer`,
        intervalMs: 50,
        look: async () => {
          if (process.exitCode !== null) throw new Error(`it ended with ${process.exitCode}`);
          const failure = await pingFailure(engine.docker);
          return failure === undefined ? { done: undefined } : { seen: failure };
        },
      }),
    );
    await step(`${images.join(', ')} into ${name}`, () => copyImages(from, engine.docker, images));
    return engine;
  } catch (error) {
    const said = log();
    await engine.end();
    throw new Error(`${name} did not start: ${messageOf(error)}\n${said}`);
  }
}

/** What a test's own failure has left must not be in the way of its end, nor hide why. */
export async function removeContainers(docker: Docker): Promise<void> {
  const containers = await docker.listContainers({ all: true }).catch(() => []);
  for (const { Id } of containers) {
    await docker
      .getContainer(Id)
      .remove({ force: true, v: true })
      .catch(() => undefined);
  }
}
