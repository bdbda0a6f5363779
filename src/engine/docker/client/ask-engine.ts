import { accessSync } from 'node:fs';
import type Docker from 'dockerode';
import { Deadline, within } from '../../../base/deadline';
import { codeOf } from '../../../base/errors';
import type { Address, Candidate } from './engine-addresses';
import { isThisMachine } from './is-this-machine';
import { whyNoAnswer } from './why-no-answer';

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
  /** It was not asked, as it is another machine's. */
  readonly isElsewhere: boolean;
}

/** Asks for an engine at one address. Never rejects, and takes no longer than `answerMs` or so. */
export async function askEngine(
  { resolve, isForDockerode }: Candidate,
  { answerMs, onThisMachine }: { answerMs: number; onThisMachine: boolean },
): Promise<Asked> {
  let address: Address | undefined;
  try {
    address = resolve();
    const elsewhere = onThisMachine && (await whyElsewhere(address, Deadline.in(answerMs)));
    if (elsewhere) {
      return { address, why: elsewhere, help: undefined, isNothing: false, isElsewhere: true };
    }
    const at = address;
    // The client would say so as well, but takes long to load.
    if (at.socketPath !== undefined && process.platform !== 'win32') accessSync(at.socketPath);
    const docker = isForDockerode ? client(at) : withoutDockerHost(() => client(at));
    await ping(docker, answerMs);
    return { docker, address };
  } catch (error) {
    const { why, help } = await whyNoAnswer(error, address, answerMs);
    const isNothing = codeOf(error) === 'ENOENT';
    return { address, why, help, isNothing, isElsewhere: false };
  }
}

/**
 * Loaded when it is asked for: it takes longer to load than all else here, and who runs local
 * processes needs none of it.
 */
const dockerode = (): typeof Docker => require('dockerode');

function client({ options }: Address): Docker {
  return new (dockerode())(options);
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

/** Nodes listen on the loopback address of the engine's machine, so it has to be this one. */
async function whyElsewhere({ host }: Address, deadline: Deadline): Promise<string | undefined> {
  if (host === undefined || (await isThisMachine(host, deadline))) return undefined;
  return `${host} is another machine: nodes listen on its loopback address, where tests on this machine cannot reach them, unless the option publishOn gives another address of that machine`;
}
