import { currentSession } from '../../cleanup/session';
import type { RegistryEntry } from '../registry-entry';
import { diagnose } from './diagnose';
import { removeSessionTrees, sessionTrees, sizeOfSession } from './directories/session-trees';
import { SizeWatcher } from './directories/size-watcher';
import { LocalEngine } from './engine';
import { lacks } from './lacks';
import type { LocalOptions } from './local-options';
import { prune } from './prune';

/**
 * Nodes as server processes of this machine. Its cache is where an option says, so that whoever uses
 * it removes what is old in it, and not the reaper.
 */
export const local: RegistryEntry<'local', LocalOptions> = {
  kind: 'local',
  title: 'local processes',
  how: 'as local processes',
  lacks,

  async open(options, { whyNotOthers }) {
    return new LocalEngine(options, currentSession(), whyNotOthers);
  },

  diagnose,

  async sessions() {
    return sessionTrees();
  },

  remove: removeSessionTrees,
  async sizeOf(sessionId) {
    return sizeOfSession(sessionId);
  },

  prune,

  watch(sessionId) {
    const watcher = new SizeWatcher(sessionId);
    watcher.start();
    return () => watcher.stop();
  },
};
