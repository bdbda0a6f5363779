import type { RegistryEntry } from '../registry-entry';
import { forgetHosts, notedHosts } from './client/noted-hosts';
import type { DockerOptions } from './docker-options';
import { onEachEngine } from './each-engine';
import { label } from './image/labels';
import { removeOldImages } from './image/old-images';
import type * as Pruning from './image/prune-images';
import { removeLabelled, sessionsOf } from './session-leftovers';
import { sizeOfSession } from './session-size';

type Entry = RegistryEntry<'docker', DockerOptions>;
type Upkeep = Pick<Entry, 'sessions' | 'remove' | 'sizeOf' | 'prune'> &
  Required<Pick<Entry, 'ageOut'>>;

// Nobody prunes in a test run.
const pruning = (): typeof Pruning => require('./image/prune-images');

/** What was noted may be of a machine that is switched off now. */
const away = { mayBeAway: true };
/** Sessions of which nothing was there when it was looked for. */
const foundClean = new Set<string>();

/** What others than clusters ask of the engine; see RegistryEntry. */
export const upkeep: Upkeep = {
  async sessions(deadline) {
    const found = await onEachEngine(notedHosts(), (docker) => sessionsOf(docker, deadline), away);
    return new Map(found.flatMap((sessions) => [...sessions]));
  },

  async remove(sessionId, deadline) {
    const removed = await onEachEngine(notedHosts(sessionId), (docker) =>
      removeLabelled(docker, `${label.session}=${sessionId}`, deadline),
    );
    const count = removed.reduce((sum, one) => sum + one, 0);
    // Whoever removes what others left looks twice.
    if (count > 0) foundClean.delete(sessionId);
    else if (foundClean.has(sessionId)) forgetHosts(sessionId);
    else foundClean.add(sessionId);
    return count;
  },

  async sizeOf(sessionId, deadline) {
    const sizes = await onEachEngine(notedHosts(sessionId), (docker) =>
      sizeOfSession(docker, sessionId, deadline),
    );
    return sizes.reduce(
      (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
      0,
    );
  },

  async prune({ dockerHosts = [] }, how, deadline) {
    const pruned = await onEachEngine(dockerHosts, (docker) =>
      pruning().pruneImages(docker, how, deadline),
    );
    return pruned.flat();
  },

  async ageOut(deadline) {
    await onEachEngine(notedHosts(), (docker) => removeOldImages(docker, deadline), away);
  },
};
