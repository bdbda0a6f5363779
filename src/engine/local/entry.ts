import { currentSession } from '../../cleanup/session';
import type { RegistryEntry } from '../registry-entry';
import type * as Diagnosis from './diagnose';
import { removeSessionTrees, sessionTrees, sizeOfSession } from './directories/session-trees';
import { SizeWatcher } from './directories/size-watcher';
import type * as EngineModule from './engine';
import { lacks } from './lacks';
import type { LocalOptions } from './local-options';
import type * as Pruning from './prune';

// A worker uses one engine, so what opens one is loaded when that is asked for. What the reaper needs is
// loaded at once: the package may be gone when its turn comes.
const engine = (): typeof EngineModule => require('./engine');
const diagnosis = (): typeof Diagnosis => require('./diagnose');
const pruning = (): typeof Pruning => require('./prune');

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
    return new (engine().LocalEngine)(options, currentSession(), whyNotOthers);
  },

  async diagnose(...how) {
    return diagnosis().diagnose(...how);
  },

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
