import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import { note } from '../../base/step-times';
import { currentSession } from '../../cleanup/session';
import type { RegistryEntry } from '../registry-entry';
import { connectDocker } from './client/connect';
import { forgetHosts, notedHosts, noteHost } from './client/noted-hosts';
import { ownContainer } from './client/own-container';
import type * as Diagnosis from './diagnose';
import type * as Dialling from './dial/choose-dial';
import type { DockerOptions } from './docker-options';
import { onEachEngine } from './each-engine';
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

/** What was noted may be of a machine that is switched off now. */
const away = { mayBeAway: true };
/** Sessions of which nothing was there when it was looked for. */
const foundClean = new Set<string>();

/** Nodes in containers. */
export const docker: RegistryEntry<'docker', DockerOptions> = {
  kind: 'docker',
  title: 'Docker',
  how: 'in Docker',
  lacks,

  async open(options, { answerMs }) {
    const hosts = options.dockerHosts;
    const { docker, address: engineAt, host } = await connectDocker({ answerMs, hosts });
    const deadline = Deadline.in(answerMs);
    const own = await ownContainer(docker, deadline);
    const { publishOn } = options;
    const which = { publishOn, own, engine: engineAt, deadline };
    const { dial, problem } = await dialling().chooseDial(docker, which);
    if (problem !== undefined) throw new PgClusterError('ERR_PG_CLUSTER_NO_ENGINE', problem);
    note(`servers in Docker are reached ${dial.how}`);
    const session = currentSession();
    return new (engine().DockerEngine)(options, docker, {
      ...{ session, dial, ownersContainer: own && noteOf(own) },
      onRemoved: host === undefined ? undefined : noteHost(session.id, host),
    });
  },

  async diagnose(...how) {
    return diagnosis().diagnose(...how);
  },

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
