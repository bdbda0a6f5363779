import type { PgCluster } from '../../handle/pg-cluster';
import { judgeReport, judgeStatus, type Verdict } from './matcher-verdicts';
import { judgeQueries } from './query-verdict';
import { testStartedAt } from './test-started-at';

/** What `expect` of Jest and of Vitest give a matcher. */
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

/** For `expect.extend`. */
export const matchers = {
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
};
