import { currentSession } from '../../cleanup/session';
import type { RegistryEntry } from '../registry-entry';
import type * as Diagnosis from './diagnose';
import type * as EngineModule from './engine';
import { lacks } from './lacks';
import type { LocalOptions } from './local-options';
import type * as Upkeep from './upkeep';

// As in the entry of Docker.
const engine = (): typeof EngineModule => require('./engine');
const diagnosis = (): typeof Diagnosis => require('./diagnose');
const upkeep = () => (require('./upkeep') as typeof Upkeep).upkeep;

/** Nodes as server processes of this machine. */
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

  loadUpkeep: upkeep,
  sessions: (...how) => upkeep().sessions(...how),
  remove: (...how) => upkeep().remove(...how),
  sizeOf: (...how) => upkeep().sizeOf(...how),
  prune: (...how) => upkeep().prune(...how),
  watch: (...how) => upkeep().watch(...how),
};
