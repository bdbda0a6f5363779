import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { messageOf, type PgClusterError } from '../../../base/errors';
import type { Tried } from '../../diagnosis';
import { call } from './api-call';
import { type Asked, askEngine } from './ask-engine';
import { noEngineAnswers } from './connect';
import { type Address, type Candidate, candidates, otherCandidates } from './engine-addresses';

/** How long an engine that answers may take to say what it is. */
const versionMs = 2000;

interface Found {
  readonly tried: Tried[];
  /** What `connectDocker` would connect to. */
  readonly taken: { docker: Docker; address: Address } | undefined;
  /** Or what it would throw. */
  readonly refusal: PgClusterError | undefined;
}

/** Asks wherever an engine may be, at all addresses at the same time. */
export async function lookForEngines(
  how: { answerMs: number; hosts: readonly string[] | undefined },
  deadline: Deadline,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Found> {
  const { all, advice } = candidates(env, how.hosts);
  const askAll = (some: readonly Candidate[]) =>
    Promise.all(some.map((candidate) => askFurther(candidate, how, deadline)));
  const [looked, others] = await Promise.all([askAll(all), askAll(otherCandidates(env))]);
  const first = looked.find(({ asked }) => asked.docker);
  const tried = [
    ...looked.map((one) => told(one, { isAuto: true, isTaken: one === first })),
    ...others.map((one) => told(one, { isAuto: false, isTaken: false })),
  ];
  if (first?.asked.docker) return { tried, taken: first.asked, refusal: undefined };
  const refused = looked.flatMap(({ candidate, asked }) =>
    asked.docker ? [] : [{ candidate, asked }],
  );
  return { tried, taken: undefined, refusal: noEngineAnswers(refused, advice) };
}

interface Heard {
  readonly candidate: Candidate;
  readonly asked: Asked;
  /** What it says about itself. */
  readonly note: string | undefined;
}

async function askFurther(
  candidate: Candidate,
  how: { answerMs: number },
  deadline: Deadline,
): Promise<Heard> {
  const asked = await askEngine(candidate, how);
  if (asked.docker) return { candidate, asked, note: await versionOf(asked.docker, deadline) };
  return { candidate, asked, note: undefined };
}

/** In a few words. */
async function versionOf(docker: Docker, deadline: Deadline): Promise<string> {
  try {
    const { Version, ApiVersion, Components } = await call(
      deadline.atMost(versionMs),
      'ask the engine for its version',
      () => docker.version(),
    );
    const podman = (Components ?? []).find(({ Name }) => /podman/i.test(Name));
    return podman
      ? `Podman ${podman.Version}, API ${ApiVersion}`
      : `Docker ${Version}, API ${ApiVersion}`;
  } catch (error) {
    return `it does not say which version it is (${messageOf(error)})`;
  }
}

function told(
  { candidate, asked, note }: Heard,
  which: { isAuto: boolean; isTaken: boolean },
): Tried {
  const { name, where, toUse, toStart } = candidate;
  const seen = { name, where: whereOf(where, asked.address), ...which };
  if (asked.docker) {
    const help = which.isTaken ? undefined : `to use it: ${toUse}`;
    return { ...seen, works: true, said: `answers: ${note}`, help };
  }
  return { ...seen, works: false, said: asked.why, help: asked.help ?? toStart };
}

/** A context's name alone does not say where its engine is. */
function whereOf(where: string, address: Address | undefined): string {
  const at = address?.socketPath ?? address?.host;
  return at === undefined || where.includes(at) ? where : `${where} (${at})`;
}
