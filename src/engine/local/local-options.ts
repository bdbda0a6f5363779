/** What this engine needs of the options. */
export interface LocalOptions {
  /** Undefined: whatever `binDir` has. */
  readonly version: number | undefined;
  readonly binDir: string | undefined;
  readonly cacheDir: string | undefined;
  /** Where npm packages are looked for. */
  readonly rootDir: string;
  /** There is about one node more; memory needs room for their data. */
  readonly slaves: readonly unknown[];
  /** How much each node's data may take; if undefined, a share of what is free. */
  readonly dataLimitMb: number | undefined;
  /** How many processes may run clusters at the same time. */
  readonly workers: number;
}
