import { Deadline, within } from '../base/deadline';
import { messageOf } from '../base/errors';
import type { Diagnosis } from './diagnosis';
import { quickMs, whyThis } from './open-engine';
import { type AnyEngine, type EngineOptions, engines } from './registry';

/** How long a diagnosis may take in all, and what it asks an engine that answers. */
const inAllMs = 8000;
const questionsMs = 7000;

export interface DiagnosedEngine {
  readonly entry: AnyEngine;
  readonly diagnosis: Diagnosis;
}

export interface DiagnosedEngines {
  /** In the order in which 'auto' tries them. */
  readonly all: readonly DiagnosedEngine[];
  /** Which of them 'auto' takes, and why; undefined if it takes none. */
  readonly auto: { readonly taken: DiagnosedEngine; readonly why: string } | undefined;
}

/** What every engine would do here. It takes a few seconds at most, and changes nothing. */
export async function diagnoseEngines(o: EngineOptions): Promise<DiagnosedEngines> {
  const all = await Promise.all(
    engines.map(async (entry: AnyEngine) => ({ entry, diagnosis: await diagnosisOf(entry, o) })),
  );
  const at = all.findIndex(({ diagnosis }) => diagnosis.opens);
  const taken = all[at];
  if (!taken) return { all, auto: undefined };
  return { all, auto: { taken, why: whyThis(all[at - 1]?.diagnosis.problem) } };
}

async function diagnosisOf(entry: AnyEngine, o: EngineOptions): Promise<Diagnosis> {
  try {
    const how = { answerMs: quickMs, deadline: Deadline.in(questionsMs) };
    return await within(Deadline.in(inAllMs), `${entry.title} to be looked at`, () =>
      entry.diagnose(o, how),
    );
  } catch (error) {
    const problem = messageOf(error);
    return { opens: false, problem, tried: [], facts: [], limits: [], kept: [] };
  }
}
