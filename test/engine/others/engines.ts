import type { StartEngine } from '../other-engine';
import { startRootfulPodman, startRootlessPodman } from '../podman';
import { startRootlessDocker } from '../rootless-docker';

/** Those that the integration suite is run on beside a Docker engine of root, by name. */
export const engines = {
  podman: startRootfulPodman,
  'podman-rootless': startRootlessPodman,
  'docker-rootless': startRootlessDocker,
} as const satisfies Record<string, StartEngine>;

export type EngineName = keyof typeof engines;

export function isEngineName(name: string): name is EngineName {
  return name in engines;
}
