import { Deadline } from '../base/deadline';
import type { Engine } from '../engine/engine';

const lookMs = 3000;
const remedy =
  'let one file run at a time (maxWorkers: 1, or --runInBand), or leave basePort out to get free ports';

/** Advice for when a port that `basePort` asks for is taken, by the likeliest cause. */
export async function basePortAdvice(o: {
  readonly engine: Engine;
  readonly ports: readonly number[];
  /** How many workers this run of Jest has. */
  readonly workers: number;
}): Promise<string> {
  // If this fails, it must not hide the first failure.
  const other = await o.engine.nodeOn(o.ports, Deadline.in(lookMs)).catch(() => undefined);
  if (other) {
    return `it is ${other.name} of another cluster with the same basePort, of process ${other.process}: another worker of this run, or another run; ${remedy}`;
  }
  if (o.workers > 1) {
    return `this run has ${o.workers} workers, whose files each want these ports at the same time; ${remedy}, or end what else listens there`;
  }
  return 'end that, choose another basePort, or leave basePort out to get free ports';
}
