import type { RegistryEntry } from '../registry-entry';
import type * as Diagnosis from './diagnose';
import type { DockerOptions } from './docker-options';
import { lacks } from './lacks';
import type * as Opening from './open';
import type * as Upkeep from './upkeep';

// A worker uses one engine, so what an engine takes is loaded when it is asked for.
const opening = (): typeof Opening => require('./open');
const diagnosis = (): typeof Diagnosis => require('./diagnose');
const upkeep = () => (require('./upkeep') as typeof Upkeep).upkeep;

/** Nodes in containers. */
export const docker: RegistryEntry<'docker', DockerOptions> = {
  kind: 'docker',
  title: 'Docker',
  how: 'in Docker',
  lacks,

  async open(...how) {
    return opening().openDocker(...how);
  },

  async diagnose(...how) {
    return diagnosis().diagnose(...how);
  },

  loadUpkeep: upkeep,
  sessions: (...how) => upkeep().sessions(...how),
  remove: (...how) => upkeep().remove(...how),
  sizeOf: (...how) => upkeep().sizeOf(...how),
  prune: (...how) => upkeep().prune(...how),
  ageOut: (...how) => upkeep().ageOut(...how),
};
