import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import { note } from '../../base/step-times';
import { currentSession } from '../../cleanup/session';
import type { Engine } from '../engine';
import { connectDocker } from './client/connect';
import { noteHost } from './client/noted-hosts';
import { ownContainer } from './client/own-container';
import type * as Dialling from './dial/choose-dial';
import type { DockerOptions } from './docker-options';
import type * as EngineModule from './engine';
import { noteOf } from './owners-container';

// Where no engine answers, they are not needed.
const engine = (): typeof EngineModule => require('./engine');
const dialling = (): typeof Dialling => require('./dial/choose-dial');

/** See RegistryEntry. */
export async function openDocker(
  options: DockerOptions,
  { answerMs }: { answerMs: number },
): Promise<Engine> {
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
}
