import { currentSession } from '../../cleanup/session';
import type { RegistryEntry } from '../registry-entry';
import { connectDocker } from './client/connect';
import { diagnose } from './diagnose';
import type { DockerOptions } from './docker-options';
import { DockerEngine } from './engine';
import { label } from './image/labels';
import { removeOldImages } from './image/old-images';
import { pruneImages } from './image/prune-images';
import { lacks } from './lacks';
import { removeLabelled, sessionsOf } from './session-leftovers';
import { sizeOfSession } from './session-size';

/** Nodes in containers. */
export const docker: RegistryEntry<'docker', DockerOptions> = {
  kind: 'docker',
  title: 'Docker',
  how: 'in Docker',
  lacks,

  async open(options, { answerMs }) {
    const onThisMachine = options.publishOn === undefined;
    const connection = await connectDocker({ answerMs, onThisMachine });
    return new DockerEngine(options, connection.docker, currentSession());
  },

  diagnose,

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
    return pruneImages(connection.docker, how, deadline);
  },

  async ageOut(deadline) {
    const connection = await connectDocker();
    await removeOldImages(connection.docker, deadline);
  },
};
