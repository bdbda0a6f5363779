import { messageOf, PgClusterError } from '../base/errors';
import { sayOncePerRun } from '../base/machine/say-once-per-run';
import type { Engine } from './engine';
import { type AnyEngine, type EngineOptions, engineOf, engines } from './registry';

/** How long an engine may take to answer, where there is another way. */
export const quickMs = 2000;
const patientMs = 5000;

/** Which engine is asked for. */
interface EngineWish {
  /** A kind, or 'auto'. */
  readonly engine: string;
  /** The options given that one engine alone takes. */
  readonly forOneEngine: readonly {
    readonly name: string;
    readonly engine: string;
    /** Whether it makes 'auto' that engine. */
    readonly decides: boolean;
  }[];
}

export type OpenOptions = EngineWish & EngineOptions;

/**
 * The engine for one cluster. Which of them `'auto'` is, and why, is said once per run.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` that says what was tried and how to get one.
 */
export async function openEngine(o: OpenOptions): Promise<Engine> {
  if (o.engine !== 'auto') {
    const how = { answerMs: patientMs, whyNotOthers: undefined };
    return engineOf(o.engine).open(o, how);
  }
  const decisive = o.forOneEngine.find(({ decides }) => decides);
  return decisive ? openDecided(engineOf(decisive.engine), decisive.name, o) : openFirst(o);
}

/** The engine that one of the options is for, and no other. */
async function openDecided(entry: AnyEngine, option: string, o: OpenOptions): Promise<Engine> {
  try {
    const engine = await entry.open(o, { answerMs: quickMs, whyNotOthers: undefined });
    sayWhy(entry, `${option} is given`, o);
    return engine;
  } catch (error) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_NO_ENGINE',
      `the option ${option} needs ${entry.title}, but ${textOf(error)}`,
      { cause: error },
    );
  }
}

interface Refusal {
  readonly entry: AnyEngine;
  readonly error: unknown;
}

/** The first engine of the registry that opens. */
async function openFirst(o: OpenOptions): Promise<Engine> {
  const refusals: Refusal[] = [];
  for (const entry of engines) {
    try {
      const engine = await entry.open(o, { answerMs: quickMs, whyNotOthers: whyNot(refusals) });
      const latest = refusals.at(-1);
      sayWhy(entry, whyThis(latest && shortly(latest.error)), o);
      return engine;
    } catch (error) {
      refusals.push({ entry, error });
    }
  }
  throw refusals.at(-1)?.error;
}

function whyNot(refusals: readonly Refusal[]): string | undefined {
  const sentences = refusals.map(
    ({ entry, error }) => `Nor can ${entry.title} be used: ${textOf(error)}`,
  );
  return sentences.length === 0 ? undefined : sentences.join('\n');
}

function sayWhy({ kind, how }: AnyEngine, why: string, o: OpenOptions): void {
  const ignored = o.forOneEngine.filter(({ engine }) => engine !== kind);
  const note = ignored.map(({ name }) => `; ${name} has no effect there`).join('');
  sayOncePerRun('engine', `nodes run ${how}, since ${why}${note}`);
}

/** Why 'auto' takes an engine: the one before it does not open, or this is the first. */
export function whyThis(refusal: string | undefined): string {
  return refusal ?? 'an engine answers';
}

/** The whole message, unlike messageOf, which gives its first line. */
function textOf(error: unknown): string {
  return error instanceof Error ? error.message : messageOf(error);
}

/** In one line: an engine's refusal has a cause that says it so. */
function shortly(error: unknown): string {
  return messageOf(error instanceof PgClusterError ? (error.cause ?? error) : error);
}
