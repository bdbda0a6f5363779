/** What is to be run, and how: the owner tells its process. */
export interface Work {
  /** The program and its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** How it ended: the process tells its owner. */
export type WorkEnd =
  | { readonly exitCode: number | null; readonly signal: string | null }
  | { readonly problem: string };
