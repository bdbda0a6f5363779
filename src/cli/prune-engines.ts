import { Deadline } from '../base/deadline';
import { codeOf, messageOf } from '../base/errors';
import { sweepSessionFiles } from '../cleanup/session-files';
import type { Kept } from '../engine/diagnosis';
import type { HowToPrune } from '../engine/pruning';
import { type AnyEngine, type EngineOptions, engines } from '../engine/registry';
import { leftoversOn } from '../engine/sweep';
import type { PruneReport } from './prune-report';

/** How long it may take on each engine. */
const engineMs = 600_000;

/**
 * Removes on each engine what owners that have ended have left, and then what is old; only then are
 * images of dead containers in no use.
 */
export async function pruneEngines(
  o: EngineOptions,
  how: HowToPrune,
  report: PruneReport,
): Promise<void> {
  for (const engine of engines as readonly AnyEngine[]) {
    const deadline = Deadline.in(engineMs);
    try {
      await removeLeftovers(engine, how, report, deadline);
      await removeKept(engine, o, how, report, deadline);
    } catch (error) {
      if (codeOf(error) !== 'ERR_PG_CLUSTER_NO_ENGINE') throw error;
      const why = messageOf((error as Error).cause ?? error);
      report.passedOver(`${engine.title} is passed over: ${why}`);
    }
  }
  if (!how.dryRun) sweepSessionFiles();
}

async function removeLeftovers(
  engine: AnyEngine,
  { dryRun }: HowToPrune,
  report: PruneReport,
  deadline: Deadline,
): Promise<void> {
  for (const id of await leftoversOn(engine, deadline)) {
    const bytes = await engine.sizeOf(id, deadline);
    const what = `what a process has left ${engine.how}, session ${id}`;
    const found = { what, bytes, unusedMs: undefined };
    try {
      if (!dryRun) await engine.remove(id, deadline);
      report.removed(found);
    } catch (error) {
      report.failed(found, messageOf(error));
    }
  }
}

const words: Readonly<Record<Kept['kind'], string>> = {
  images: 'images of template',
  template: 'template',
  programs: 'copy of programs',
};

async function removeKept(
  engine: AnyEngine,
  o: EngineOptions,
  how: HowToPrune,
  report: PruneReport,
  deadline: Deadline,
): Promise<void> {
  for (const { kept, outcome, why = '' } of await engine.prune(o, how, deadline)) {
    const { kind, name, bytes, unusedMs } = kept;
    const found = { what: `${words[kind]} ${name}`, bytes, unusedMs };
    if (outcome === 'removed') report.removed(found);
    else if (outcome === 'young') report.young();
    else if (outcome === 'stays') report.stays(found, why);
    else report.failed(found, why);
  }
}
