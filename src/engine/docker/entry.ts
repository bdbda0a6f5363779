import { currentSession } from '../../cleanup/session';
import type { RegistryEntry } from '../registry-entry';
import { connectDocker } from './client/connect';
import type * as Diagnosis from './diagnose';
import type { DockerOptions } from './docker-options';
import type * as EngineModule from './engine';
import { label } from './image/labels';
import { removeOldImages } from './image/old-images';
import type * as Pruning from './image/prune-images';
import { lacks } from './lacks';
import { removeLabelled, sessionsOf } from './session-leftovers';
import { sizeOfSession } from './session-size';

// Loaded when they are asked for, as in the entry of the local engine.
const engine = (): typeof EngineModule => require('./engine');
const diagnosis = (): typeof Diagnosis => require('./diagnose');
const pruning = (): typeof Pruning => require('./image/prune-images');

/** Nodes in containers. */
export const docker: RegistryEntry<'docker', DockerOptions> = {
  kind: 'docker',
  title: 'Docker',
  how: 'in Docker',
  lacks,

  async open(options, { answerMs }) {
    const onThisMachine = options.publishOn === undefined;
    const connection = await connectDocker({ answerMs, onThisMachine });
    return new (engine().DockerEngine)(options, connection.docker, currentSession());
  },

  async diagnose(...how) {
    return diagnosis().diagnose(...how);
  },

  async sessions(deadline) {
    const connection = await connectDocker();
    return sessionsOf(connection.docker, deadline);
  },

  async remove(sessionId, deadline) {
    const connection = await connectDocker();
    return removeLabelled(connection.docker, `${label.session}=${sessionId}`, deadline);
  },

  async sizeOf(sessionId, deadline) {
    const connection = await connectDocker();
    return sizeOfSession(connection.docker, sessionId, deadline);
  },

  async prune(_options, how, deadline) {
    const connection = await connectDocker();
    return pruning().pruneImages(connection.docker, how, deadline);
  },

  async ageOut(deadline) {
    const connection = await connectDocker();
    await removeOldImages(connection.docker, deadline);
  },
};
