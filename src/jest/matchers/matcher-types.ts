import type {} from 'expect';

/** The matchers of `jest-environment-pg-cluster/matchers`. */
export interface PgClusterMatchers<R> {
  /**
   * For what `ledger.verify()` resolves to: every acknowledged write is there, and no row is there
   * that was never sent, or that was refused. Unknown writes may or may not be there. It is an
   * error if nothing was acknowledged, since such a report proves nothing.
   *
   * @example
   * expect(await ledger.verify()).toHaveLostNothing();
   */
  toHaveLostNothing(): R;
  /**
   * For what `pgCluster.status()` resolves to: every node runs and answers, and every slave
   * streams.
   *
   * @example
   * expect(await pgCluster.status()).toBeStreaming();
   */
  toBeStreaming(): R;
}

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
