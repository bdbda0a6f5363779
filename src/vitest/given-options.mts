import type { PgClusterOptions } from '../options/pg-cluster-options.js';

/** As docblocks and configs name it. */
export const environmentName = 'pg-cluster';

/** By this name the plugin hands its options to the workers. */
export const providedAs = 'jest-environment-pg-cluster';

/** What the plugin knows of a project. */
export interface ProjectOptions {
  readonly options: PgClusterOptions;
  readonly rootDir: string;
  /** How many processes or threads run tests at the same time. */
  readonly workers: number;
}
