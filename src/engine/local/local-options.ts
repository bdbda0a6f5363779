/** What this engine needs to know of the options. */
export interface LocalOptions {
  /** Undefined: whatever `binDir` has. */
  readonly version: number | undefined;
  readonly binDir: string | undefined;
  readonly cacheDir: string | undefined;
  /** Whether a forwarder stands in front of the nodes. */
  readonly networkFaults: boolean;
  /** Where npm packages are looked for. */
  readonly rootDir: string;
  /** There is one node more, about: memory has to have room for their data. */
  readonly slaves: readonly unknown[];
  /** What the data of each may take; undefined: a share of what is free. */
  readonly dataLimitMb: number | undefined;
  /** How many processes may run clusters at the same time. */
  readonly workers: number;
}
