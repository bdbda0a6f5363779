import { accessSync } from 'node:fs';
import type Docker from 'dockerode';
import { Deadline, within } from '../../../base/deadline';
import { codeOf } from '../../../base/errors';
import { agentFor } from './agents';
import type { Address, Candidate } from './engine-addresses';
import { whyNoAnswer } from './why-no-answer';

/** To log in over ssh takes longer than to connect: it may take so many times as long. */
const logInTimes = 3;

/** What came of asking at one address. */
export type Asked = Answer | NoAnswer;

interface Answer {
  readonly docker: Docker;
  readonly address: Address;
}

export interface NoAnswer {
  readonly docker?: undefined;
  /** Undefined if it makes no sense. */
  readonly address: Address | undefined;
  readonly why: string;
  readonly help: string | undefined;
  /** Nothing is at that address. */
  readonly isNothing: boolean;
}

/**
 * Asks for an engine at one address. Never rejects, and takes no longer than `answerMs` or so, over ssh
 * three times that.
 */
export async function askEngine(
  { resolve }: Candidate,
  { answerMs }: { answerMs: number },
): Promise<Asked> {
  let address: Address | undefined;
  let pingMs = answerMs;
  try {
    address = resolve();
    const at = address;
    // The client would say so as well, but takes long to load.
    if (at.socketPath !== undefined && process.platform !== 'win32') accessSync(at.socketPath);
    const docker = withoutDockerHost(() => client(at));
    if (at.ssh) pingMs *= logInTimes;
    await ping(docker, pingMs);
    return { docker, address };
  } catch (error) {
    const { why, help } = await whyNoAnswer(error, address, pingMs);
    const isNothing = codeOf(error) === 'ENOENT';
    return { address, why, help, isNothing };
  }
}

/**
 * Loaded when it is asked for: it takes longer to load than all else here, and who runs local
 * processes needs none of it.
 */
const dockerode = (): typeof Docker => require('dockerode');

function client(address: Address): Docker {
  const { socketPath, host, port, tls, ssh } = address;
  const { verify: _, ...files } = tls ?? {};
  const at = ssh
    ? // The agent knows where it is.
      { protocol: 'http', host: 'docker', port: 80 }
    : socketPath === undefined
      ? { ...files, protocol: tls ? 'https' : 'http', host, port }
      : { socketPath };
  // dockerode takes an agent, its types do not know it.
  const options = { ...at, agent: agentFor(address) } as object;
  return new (dockerode())(options as Docker.DockerOptions);
}

/** dockerode reads DOCKER_HOST by itself, and mixes it with where we send it. */
function withoutDockerHost<T>(make: () => T): T {
  const { DOCKER_HOST } = process.env;
  if (DOCKER_HOST === undefined) return make();
  delete process.env.DOCKER_HOST;
  try {
    return make();
  } finally {
    process.env.DOCKER_HOST = DOCKER_HOST;
  }
}

async function ping(docker: Docker, answerMs: number): Promise<void> {
  // dockerode takes options here, its types do not know it.
  const send = docker.ping.bind(docker) as (o: { abortSignal: AbortSignal }) => Promise<unknown>;
  await within(Deadline.in(answerMs), 'an answer to a ping', (abortSignal) =>
    send({ abortSignal }),
  );
}
