import { hostname } from 'node:os';
import type Docker from 'dockerode';
import type { Deadline } from '../../base/deadline';
import { availableMemory } from '../../base/machine/available-memory';
import { call } from './client/api-call';

/** What a node takes: its server, the engine's own processes for it, and what is cached of its data. */
const perNode = 96 * 1024 * 1024;
/** So much more than spares take has to be free: tests need memory, too. */
const margin = 4;

/**
 * Spares have a network of their own. Docker has addresses for 31 of them, if it was not told otherwise
 * (`default-address-pools`), and others need some, too.
 */
const workersAtMost = 8;

/** Whether the engine has memory and networks for a second set of nodes in each worker. */
export async function hasRoomForSpares(
  docker: Docker,
  { nodes, workers }: { nodes: number; workers: number },
  deadline: Deadline,
): Promise<boolean> {
  if (workers > workersAtMost) return false;
  const { MemTotal, Name } = await call(deadline, 'ask the engine for its memory', () =>
    docker.info(),
  );
  // Of another machine the engine does not tell how much is free.
  const room = Name === hostname() ? Math.min(MemTotal, availableMemory()) : MemTotal;
  return room > margin * nodes * workers * perNode;
}
