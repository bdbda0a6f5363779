import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** What this process can read about the container that it may run in: proc(5). */
export interface OwnTraces {
  readonly mounts: string;
  readonly cgroups: string;
  readonly host: string;
}

/**
 * Ids, or their beginnings, of the container that this process seems to run in, the surest one first.
 * Only an engine can tell whether it has such a container.
 */
export function ownContainerIds(traces: OwnTraces = readTraces()): string[] {
  return [...new Set([...ofMounts(traces), ...ofCgroups(traces), ...ofHost(traces)])];
}

/**
 * Engines mount these files from the container's own directory: Docker from `…/containers/<id>/hostname`,
 * Podman from `…/overlay-containers/<id>/userdata/hostname`. Outside of the container they are
 * mounted nowhere, though its other mounts may be seen there.
 */
function ofMounts({ mounts }: OwnTraces): string[] {
  return mounts.split('\n').flatMap((line) => {
    const [, , , root = '', point = ''] = line.split(' ');
    if (!/^\/etc\/(hostname|hosts|resolv\.conf)$/.test(point)) return [];
    const [, id] = /containers\/([0-9a-f]{64})\//.exec(root) ?? [];
    return id === undefined ? [] : [id];
  });
}

/** The innermost one: of a container in a container, the outer one has its id there, too. */
function ofCgroups({ cgroups }: OwnTraces): string[] {
  return cgroups.split('\n').flatMap((line) => line.match(/[0-9a-f]{64}/g)?.at(-1) ?? []);
}

/** Unless it is given another one, a container is called after the beginning of its id. */
function ofHost({ host }: OwnTraces): string[] {
  return /^[0-9a-f]{12}$/.test(host) ? [host] : [];
}

function readTraces(): OwnTraces {
  return {
    mounts: read('/proc/self/mountinfo'),
    cgroups: read('/proc/self/cgroup'),
    host: hostname(),
  };
}

/** Only Linux has these files. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
