import { existsSync } from 'node:fs';

/** Whether this process runs in a container of Docker's or Podman's, as far as one can see. */
export function isInContainer(): boolean {
  return ['/.dockerenv', '/run/.containerenv'].some((path) => existsSync(path));
}
