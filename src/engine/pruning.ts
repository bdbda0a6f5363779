import type { Kept } from './diagnosis';

export interface HowToPrune {
  /** What nobody has used for this long goes. */
  readonly olderThanMs: number;
  /** Nothing is removed; only told. */
  readonly dryRun: boolean;
}

/** What became of one thing that was kept. */
export interface Pruned {
  readonly kept: Kept;
  /** `stays`: it is young, or somebody uses it; `failed`: it is to go, and could not be removed. */
  readonly outcome: 'removed' | 'young' | 'stays' | 'failed';
  /** Why it stays, or could not be removed. */
  readonly why: string | undefined;
}

export const whyInUse = 'a running process uses it';
export const whyLocked = 'another process is making or removing it';
