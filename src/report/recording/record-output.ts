import type { RecordLine } from '../records';

/** Where records go. */
export interface RecordOutput {
  take(record: RecordLine): void;
  /** There are no more. */
  close(): void;
}
