import type {} from 'expect';
import type { PgClusterMatchers } from '../../runner/matchers/matcher-types';

export type { PgClusterMatchers } from '../../runner/matchers/matcher-types';

// For the global `expect`: the type parameters have to be written as in @types/jest.
declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: as in @types/jest
    interface Matchers<R, T = {}> extends PgClusterMatchers<R> {}
  }
}

// For `import { expect } from '@jest/globals'`.
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends PgClusterMatchers<R> {}
}
