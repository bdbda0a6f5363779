import type Docker from 'dockerode';
import { Deadline, within } from '../../../base/deadline';
import { codeOf, PgClusterError } from '../../../base/errors';
import { type Address, candidates } from './engine-addresses';
import { isThisMachine } from './is-this-machine';
import { whyNoAnswer } from './why-no-answer';

export interface DockerConnection {
  /** The client for its API. */
  readonly docker: Docker;
  /** Where the engine is, for messages. */
  readonly where: string;
}

/**
 * Finds the Docker engine, where `docker` itself would: where DOCKER_HOST or a context says, else
 * at the first of the usual sockets that answers.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE`, within seconds, which lists what was tried and what came of
 * it. The message of its cause is one short line.
 */
export async function connectDocker(
  o: { answerMs?: number; env?: NodeJS.ProcessEnv; onThisMachine?: boolean } = {},
): Promise<DockerConnection> {
  const { answerMs = 5000, env = process.env, onThisMachine = false } = o;
  const { all, advice } = candidates(env);
  const tried: string[] = [];
  let mostTelling: string | undefined;
  for (const { where, resolve } of all) {
    let address: Address | undefined;
    try {
      address = resolve();
      if (onThisMachine) await refuseOtherMachines(address, Deadline.in(answerMs));
      return { docker: await connect(address, answerMs), where };
    } catch (error) {
      const { why, help } = await whyNoAnswer(error, address, answerMs);
      tried.push(`  - ${where}: ${why}${help === undefined ? '' : `; ${help}`}`);
      if (all.length === 1 || codeOf(error) !== 'ENOENT') mostTelling ??= `: ${where}: ${why}`;
    }
  }
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `no Docker engine answers. Tried:\n${tried.join('\n')}\n${advice}`,
    {
      cause: new Error(
        `no Docker engine answers${mostTelling ?? ': none of the usual sockets is there'}`,
      ),
    },
  );
}

/**
 * Loaded when it is asked for: it takes longer to load than all else here, and who runs local
 * processes needs none of it.
 */
const dockerode = (): typeof Docker => require('dockerode');

async function connect({ options }: Address, answerMs: number): Promise<Docker> {
  const docker = new (dockerode())(options);
  // dockerode takes options here, its types do not know it.
  const ping = docker.ping.bind(docker) as (o: { abortSignal: AbortSignal }) => Promise<unknown>;
  await within(Deadline.in(answerMs), 'an answer to a ping', (abortSignal) =>
    ping({ abortSignal }),
  );
  return docker;
}

/** Nodes listen on the loopback address of the engine's machine, so it has to be this one. */
async function refuseOtherMachines({ host }: Address, deadline: Deadline): Promise<void> {
  if (host === undefined || (await isThisMachine(host, deadline))) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `${host} is another machine: nodes listen on its loopback address, where tests on this machine cannot reach them, unless the option publishOn gives another address of that machine`,
  );
}
