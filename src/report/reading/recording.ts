import type { Begin, RecordLine } from '../records';

/** What was written down of one attempt at a test file. */
export interface Recording {
  /** Its header. */
  readonly begin: Begin;
  /** In order of `at`, the header and the end included. */
  readonly records: readonly RecordLine[];
  /** False if the process that wrote it was killed. */
  readonly isWhole: boolean;
  /** What is not there, or could not be read, a sentence each. */
  readonly problems: readonly string[];
}
