import { PgClusterError } from '../base/errors';
import { boolean, isObject, oneOf, type Rule, suggestion } from '../base/value-rules';
import { folderRule } from '../options/path-rules';

/** Options of the reporter `jest-environment-pg-cluster/reporter`. */
export interface PgClusterReporterOptions {
  /**
   * Where pages and recordings go: a path, relative to Jest's `rootDir`. It has to be a folder that
   * this reporter has made, or an empty one, or none yet. @default 'pg-cluster-report'
   */
  folder?: string;
  /**
   * `'on-failure'`: of a run in which nothing failed nothing is kept, of another one the files in
   * which something failed; `'always'`: everything. @default 'on-failure'
   */
  keep?: 'on-failure' | 'always';
  /** Whether the page of a failed run is opened in a browser; never on CI. @default 'never' */
  open?: 'never' | 'on-failure';
  /**
   * Whether the text of statements is kept: it may have data in it. Otherwise only their verbs are.
   * Passwords are hidden in both cases. @default false
   */
  sql?: boolean;
}

const rules: Record<keyof PgClusterReporterOptions, Rule> = {
  folder: folderRule,
  keep: oneOf('on-failure', 'always'),
  open: oneOf('never', 'on-failure'),
  sql: boolean,
};

const defaults = {
  folder: 'pg-cluster-report',
  keep: 'on-failure',
  open: 'never',
  sql: false,
} as const;

/** @throws `ERR_PG_CLUSTER_OPTIONS` that lists every problem at once */
export function takeReporterOptions(
  given: unknown,
  rootDir: string,
): Required<PgClusterReporterOptions> {
  const options = { ...defaults, ...(isObject(given) ? withoutGaps(given) : {}) };
  const valid: Record<string, unknown> = {};
  const problems = Object.entries(options).flatMap(([name, value]) => {
    if (!isName(name)) {
      return [`unknown option ${JSON.stringify(name)}.${suggestion(name, Object.keys(rules))}`];
    }
    const ruled = rules[name](value, rootDir);
    if ('problem' in ruled) return [`${name} ${ruled.problem}`];
    valid[name] = ruled.value;
    return [];
  });
  if (problems.length === 0) return valid as unknown as Required<PgClusterReporterOptions>;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_OPTIONS',
    `options of jest-environment-pg-cluster/reporter:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
  );
}

function withoutGaps(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  );
}

function isName(name: string): name is keyof PgClusterReporterOptions {
  return Object.hasOwn(rules, name);
}
