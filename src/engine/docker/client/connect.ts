import type Docker from 'dockerode';
import { PgClusterError } from '../../../base/errors';
import { askEngine, type NoAnswer } from './ask-engine';
import { type Address, type Candidate, candidates } from './engine-addresses';
import { hostsInTurn, leaveOut } from './worker-hosts';

export interface DockerConnection {
  /** The client for its API. */
  readonly docker: Docker;
  readonly address: Address;
  /** Which of several it is, if they were named. */
  readonly host: string | undefined;
  /** Where the engine is, for messages. */
  readonly where: string;
}

/**
 * Finds the Docker engine, where `docker` itself would: where DOCKER_HOST or a context says, else
 * at the first of the usual sockets that answers.
 *
 * @param o `hosts` are where this worker's engine may be instead
 * @throws `ERR_PG_CLUSTER_NO_ENGINE`, within seconds, which lists what was tried and what came of
 * it. The message of its cause is one short line.
 */
export async function connectDocker(
  o: { answerMs?: number; env?: NodeJS.ProcessEnv; hosts?: readonly string[] | undefined } = {},
): Promise<DockerConnection> {
  const { answerMs = 5000, env = process.env, hosts } = o;
  const tried: Refused[] = [];
  const { all, advice } = candidates(env, hosts && hostsInTurn(hosts, env));
  for (const candidate of all) {
    const asked = await askEngine(candidate, { answerMs });
    const { docker, address } = asked;
    if (docker) {
      if (hosts) for (const other of tried) leaveOut(other.candidate.name, other.asked.why);
      return { docker, address, host: hosts && candidate.name, where: candidate.where };
    }
    tried.push({ candidate, asked });
  }
  throw noEngineAnswers(tried, advice);
}

export interface Refused {
  readonly candidate: Candidate;
  readonly asked: NoAnswer;
}

/** For when none of the {@link candidates} has answered. */
export function noEngineAnswers(tried: readonly Refused[], advice: string): PgClusterError {
  const lines = tried.map(
    ({ candidate: { where }, asked: { why, help } }) =>
      `  - ${where}: ${why}${help === undefined ? '' : `; ${help}`}`,
  );
  const telling = tried.find(({ asked }) => tried.length === 1 || !asked.isNothing);
  const shortly = telling
    ? `: ${telling.candidate.where}: ${telling.asked.why}`
    : ': none of the usual sockets is there';
  return new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `no Docker engine answers. Tried:\n${lines.join('\n')}\n${advice}`,
    { cause: new Error(`no Docker engine answers${shortly}`) },
  );
}
