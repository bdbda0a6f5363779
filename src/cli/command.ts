/** What `pg-cluster` can be told to do. */
export interface Command {
  readonly usage: string;
  /** @throws `UsageError` if it was called wrongly; whatever else goes wrong */
  run(args: readonly string[]): Promise<void>;
}

/** The command was called wrongly. The message completes `pg-cluster report: …`. */
export class UsageError extends Error {}
