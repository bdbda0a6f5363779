import type { RegistryEntry } from '../registry-entry';
import { removeSessionTrees, sessionTrees, sizeOfSession } from './directories/session-trees';
import { SizeWatcher } from './directories/size-watcher';
import type { LocalOptions } from './local-options';
import type * as Pruning from './prune';

type Entry = RegistryEntry<'local', LocalOptions>;
type Upkeep = Pick<Entry, 'sessions' | 'remove' | 'sizeOf' | 'prune'> &
  Required<Pick<Entry, 'watch'>>;

// Nobody prunes in a test run.
const pruning = (): typeof Pruning => require('./prune');

/**
 * What others than clusters ask of the engine; see RegistryEntry. Its cache is where an option says, so
 * that whoever uses it removes what is old in it, and not the reaper.
 */
export const upkeep: Upkeep = {
  async sessions() {
    const trees = [...sessionTrees()];
    return new Map(trees.map(([id, owner]) => [id, { owner, hasEnded: false }]));
  },

  remove: removeSessionTrees,

  async sizeOf(sessionId) {
    return sizeOfSession(sessionId);
  },

  async prune(...how) {
    return pruning().prune(...how);
  },

  watch(sessionId) {
    const watcher = new SizeWatcher(sessionId);
    watcher.start();
    return () => watcher.stop();
  },
};
