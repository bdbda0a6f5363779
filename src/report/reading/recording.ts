import type { Begin, RecordLine } from '../records';

/** What was recorded of one attempt at a test file. */
export interface Recording {
  /** The header. */
  readonly begin: Begin;
  /** In the order of `at`, begin and end included. */
  readonly records: readonly RecordLine[];
  /** False: its process was killed. */
  readonly isWhole: boolean;
  /** What is wrong with it, in words. */
  readonly problems: readonly string[];
}
