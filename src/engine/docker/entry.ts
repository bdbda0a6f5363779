import { currentSession } from '../../cleanup/session';
import type { RegistryEntry } from '../registry-entry';
import { connectDocker } from './client/connect';
import { DockerEngine } from './engine';
import { label } from './image/labels';
import { removeOldImages } from './image/old-images';
import { lacks } from './lacks';
import { removeLabelled, sessionsOf } from './remove';

/** Nodes in containers. */
export const docker: RegistryEntry<'docker'> = {
  kind: 'docker',
  title: 'Docker',
  how: 'in Docker',
  chosenBy: ['image', 'diskLimitMb', 'publishOn'],
  ignores: ['dataLimitMb'],
  lacks,

  async open({ image, version, diskLimitMb, publishOn }, { answerMs }) {
    const onThisMachine = publishOn === undefined;
    const connection = await connectDocker({ answerMs, onThisMachine });
    return new DockerEngine({
      docker: connection.docker,
      image: image ?? `postgres:${version}`,
      diskLimitMb,
      publishOn: publishOn ?? '127.0.0.1',
      session: currentSession(),
    });
  },

  async sessions(deadline) {
    const connection = await connectDocker();
    return sessionsOf(connection.docker, deadline);
  },

  async remove(sessionId, deadline) {
    const connection = await connectDocker();
    return removeLabelled(connection.docker, `${label.session}=${sessionId}`, deadline);
  },

  async ageOut(deadline) {
    const connection = await connectDocker();
    await removeOldImages(connection.docker, deadline);
  },
};
