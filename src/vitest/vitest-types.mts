import type {} from 'vitest';
import type { PgClusterMatchers } from '../runner/matchers/matcher-types.js';
import type { ProjectOptions } from './given-options.mjs';

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as Vitest declares it
  interface Matchers<T = any> extends PgClusterMatchers<void> {}

  interface ProvidedContext {
    'jest-environment-pg-cluster'?: ProjectOptions;
  }
}
