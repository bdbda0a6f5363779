import { existsSync } from 'node:fs';
import Docker from 'dockerode';
import { Deadline, poll } from '../../src/base/deadline';
import { aptInstall, isDebianRoot } from './debian';
import { DOCKERD, DockerdProcess, PING_TIMEOUT_MS, pingFailure } from './dockerd-process';
import { say, sayLoudly, step } from './report';
import { dockerdThatLives, removeStalePidFiles } from './stale-pids';

export interface Dockerd {
  /** Ends the dockerd that we started; nothing to do when it was found running. */
  stop(): Promise<void>;
}

const FOUND: Dockerd = { stop: async () => undefined };

/** Finds an engine that answers; on Debian as root installs and starts one if there is none. */
export async function findOrStartDockerd(): Promise<Dockerd> {
  const failure = await pingFailure();
  if (failure === undefined) {
    say('found a Docker engine that runs already');
    return FOUND;
  }
  refuseUnlessOurs(failure);
  if (!existsSync(DOCKERD)) {
    sayLoudly('no Docker engine on this machine: installing Debian packages docker.io, iptables');
    await aptInstall(['docker.io', 'iptables']);
  }
  // The package may have started a service of its own, and a dockerd that somebody else has just
  // started may not answer yet: both hold the pid file, which a second dockerd would stumble over.
  if (await settlesByItself()) return FOUND;
  sayLoudly('starting dockerd; it is stopped when the run that started it is over');
  return step('dockerd start', start);
}

function refuseUnlessOurs(failure: string): void {
  const host = process.env.DOCKER_HOST;
  if (!host && isDebianRoot()) return;
  throw new Error(
    `No Docker engine answers at ${host ? `DOCKER_HOST (${host})` : 'the default socket'}: ` +
      `${failure}. ` +
      (host
        ? 'Start the engine there, or unset DOCKER_HOST to use one of this machine.'
        : 'Install and start Docker (Docker Engine, Docker Desktop, Colima …), or set ' +
          'DOCKER_HOST to an engine; only on Debian as root do we install one ourselves.'),
  );
}

async function settlesByItself(): Promise<boolean> {
  if (dockerdThatLives() === undefined) return false;
  return poll({
    deadline: Deadline.in(30_000),
    what: 'a dockerd that we did not start to answer, or to end',
    intervalMs: 100,
    look: async () => {
      const failure = await pingFailure();
      if (failure === undefined) return { done: true };
      const pid = dockerdThatLives();
      return pid === undefined ? { done: false } : { seen: `pid ${pid} lives; ${failure}` };
    },
  });
}

async function start(): Promise<Dockerd> {
  removeStalePidFiles();
  const dockerd = await DockerdProcess.start([], new Docker({ timeout: PING_TIMEOUT_MS }));
  return { stop: () => step('dockerd stop', () => dockerd.end('SIGTERM')) };
}
