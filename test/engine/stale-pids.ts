import { existsSync, readFileSync, rmSync } from 'node:fs';

const DOCKERD_PID = '/var/run/docker.pid';
const CONTAINERD_PID = '/var/run/docker/containerd/containerd.pid';

/** The pid of the dockerd that the pid file speaks of, if that process is one and lives. */
export function dockerdThatLives(): number | undefined {
  return owner(DOCKERD_PID, 'dockerd');
}

/**
 * Takes away what a killed dockerd left. It checks only that *some* process has the pid in the
 * file: once the number is in use again, it would refuse to start, or wait for a containerd that
 * is none.
 */
export function removeStalePidFiles(): void {
  if (owner(DOCKERD_PID, 'dockerd') === undefined) rmSync(DOCKERD_PID, { force: true });
  if (owner(CONTAINERD_PID, 'containerd') === undefined) rmSync(CONTAINERD_PID, { force: true });
}

function owner(pidFile: string, command: string): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === command ? pid : undefined;
  } catch {
    return undefined;
  }
}
