/**
 * Adds our matchers to Jest's `expect`: `toHaveLostNothing()`, `toBeStreaming()`, `toHaveRun()`.
 *
 * The preset does it for you: it lists this module in `setupFilesAfterEnv`. Jest runs a preset's
 * modules and then the project's own, so neither list replaces the other. Without the preset, list
 * the module yourself, or import it in a set-up file or a test file.
 *
 * @example
 * // jest.config.js
 * module.exports = {
 *   testEnvironment: 'pg-cluster',
 *   setupFilesAfterEnv: ['jest-environment-pg-cluster/matchers'],
 * };
 *
 * @module
 */
import type { PgCluster } from '../../handle/pg-cluster';
import { judgeReport, judgeStatus, type Verdict } from './matcher-verdicts';
import { judgeQueries } from './query-verdict';
import { testStartedAt } from './test-started-at';

export type { PgClusterMatchers } from './matcher-types';

interface MatcherContext {
  readonly utils: {
    matcherHint(name: string, received?: string, expected?: string, o?: object): string;
  };
  readonly isNot?: boolean;
  readonly promise?: string;
}

function hintOf(context: MatcherContext, name: string, expected = ''): string {
  const { isNot = false, promise = '' } = context;
  return context.utils.matcherHint(name, undefined, expected, { isNot, promise });
}

// Jest itself provides this module to every test file, also with `injectGlobals: false`.
const { expect } = require('@jest/globals') as { expect: { extend(matchers: object): void } };

expect.extend({
  toHaveLostNothing(this: MatcherContext, received: unknown): Verdict {
    return judgeReport(received, hintOf(this, 'toHaveLostNothing'));
  },
  toBeStreaming(this: MatcherContext, received: unknown): Verdict {
    return judgeStatus(received, hintOf(this, 'toBeStreaming'));
  },
  toHaveRun(
    this: MatcherContext,
    received: unknown,
    statement: RegExp | string,
    o: { since?: number } = {},
  ): Promise<Verdict> {
    const nodes = (globalThis as { pgCluster?: PgCluster }).pgCluster?.nodes ?? [];
    return judgeQueries(received, statement, {
      since: o.since ?? (globalThis as { [testStartedAt]?: number })[testStartedAt] ?? 0,
      others: nodes.filter((node) => node !== received),
      hint: hintOf(this, 'toHaveRun', 'statement'),
    });
  },
});
