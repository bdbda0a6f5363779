import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import { note } from '../../base/step-times';
import { currentSession } from '../../cleanup/session';
import type { RegistryEntry } from '../registry-entry';
import { connectDocker } from './client/connect';
import { ownContainer } from './client/own-container';
import type * as Diagnosis from './diagnose';
import type * as Dialling from './dial/choose-dial';
import type { DockerOptions } from './docker-options';
import type * as EngineModule from './engine';
import { label } from './image/labels';
import { removeOldImages } from './image/old-images';
import type * as Pruning from './image/prune-images';
import { lacks } from './lacks';
import { noteOf } from './owners-container';
import { removeLabelled, sessionsOf } from './session-leftovers';
import { sizeOfSession } from './session-size';

// Loaded when they are asked for, as in the entry of the local engine.
const engine = (): typeof EngineModule => require('./engine');
const dialling = (): typeof Dialling => require('./dial/choose-dial');
const diagnosis = (): typeof Diagnosis => require('./diagnose');
const pruning = (): typeof Pruning => require('./image/prune-images');

/** Nodes in containers. */
export const docker: RegistryEntry<'docker', DockerOptions> = {
  kind: 'docker',
  title: 'Docker',
  how: 'in Docker',
  lacks,

  async open(options, { answerMs }) {
    const { docker, address: engineAt } = await connectDocker({ answerMs });
    const deadline = Deadline.in(answerMs);
    const own = await ownContainer(docker, deadline);
    const { publishOn } = options;
    const which = { publishOn, own, engine: engineAt, deadline };
    const { dial, problem } = await dialling().chooseDial(docker, which);
    if (problem !== undefined) throw new PgClusterError('ERR_PG_CLUSTER_NO_ENGINE', problem);
    note(`servers in Docker are reached ${dial.how}`);
    const at = { session: currentSession(), dial, ownersContainer: own && noteOf(own) };
    return new (engine().DockerEngine)(options, docker, at);
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
