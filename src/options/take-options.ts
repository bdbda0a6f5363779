import { PgClusterError } from '../base/errors';
import { suggestion } from '../base/value-rules';
import { contradictions } from '../cluster/cluster-spec';
import { engineContradictions, forOneEngine, type OneEngineOption } from './engine-contradictions';
import {
  type OptionName,
  type OptionValues,
  optionNames,
  optionTable,
  type TestsOption,
} from './option-table';

/** Valid options, every default filled in, and what else is to be known. */
export interface ResolvedOptions extends OptionValues {
  /** Those that were given and that one engine alone takes. */
  readonly forOneEngine: readonly OneEngineOption[];
  /** What relative paths are relative to: the test runner's root. */
  readonly rootDir: string;
  /** How many processes the test runner may run tests in. */
  readonly workers: number;
}

/** What a cluster is made from: a cluster cannot depend on an option that is for the tests alone. */
export type ClusterOptions = Omit<ResolvedOptions, TestsOption>;

/** Options that belong to Jest's own environments and are handed on to them. */
const jestNames = ['customExportConditions', 'globalsCleanup', 'html', 'url', 'userAgent'];

/**
 * Takes our options out of Jest's `testEnvironmentOptions`.
 *
 * `rest` is for the Node environment, which would make each of ours a test global.
 *
 * @throws `ERR_PG_CLUSTER_OPTIONS` that lists every problem at once.
 */
export function takeOptions(
  given: Readonly<Record<string, unknown>>,
  rootDir: string,
  workers = 1,
): { options: ResolvedOptions; rest: Record<string, unknown> } {
  const isJests = ([name]: [string, unknown]) => jestNames.includes(name);
  const entries = Object.entries(given);
  const ours = Object.fromEntries(entries.filter((entry) => !isJests(entry)));
  const title = 'testEnvironmentOptions of jest-environment-pg-cluster';
  return {
    options: resolveOptions(ours, { title, rootDir, workers }),
    rest: Object.fromEntries(entries.filter(isJests)),
  };
}

/** Whose options they are, and what there is to know of them. */
export interface OptionsGiven {
  /** Begins the error: `testEnvironmentOptions of jest-environment-pg-cluster`. */
  readonly title: string;
  readonly rootDir: string;
  readonly workers: number;
  /** Why an option that there is cannot be given here. @default every one can */
  readonly refuse?: (name: OptionName) => string | undefined;
}

/**
 * Valid options, every default filled in.
 *
 * @throws `ERR_PG_CLUSTER_OPTIONS` that lists every problem at once.
 */
export function resolveOptions(
  given: Readonly<Record<string, unknown>>,
  { title, rootDir, workers, refuse }: OptionsGiven,
): ResolvedOptions {
  const problems: string[] = [];
  const valid: Record<string, unknown> = {};

  for (const [name, value] of Object.entries(given)) {
    if (!isOptionName(name)) {
      problems.push(`unknown option ${JSON.stringify(name)}.${suggestion(name, optionNames)}`);
    } else if (value !== undefined && value !== null) {
      const refused = refuse?.(name);
      const result = optionTable[name].rule(value, rootDir);
      if (refused !== undefined) problems.push(withName(name, refused));
      else if ('problem' in result) problems.push(withName(name, result.problem));
      else valid[name] = result.value;
    }
  }

  const options: ResolvedOptions = Object.freeze({
    ...withDefaults(valid, rootDir),
    forOneEngine: forOneEngine(Object.keys(valid)),
    rootDir,
    workers,
  });
  problems.push(
    ...engineContradictions(options.engine, options.forOneEngine),
    ...contradictions(options),
    ...testsContradictions(options),
  );
  if (problems.length > 0) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_OPTIONS',
      `${title}: ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}, nothing was started\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
  return options;
}

/** Those that depend on other options come last. */
function withDefaults(valid: Readonly<Record<string, unknown>>, rootDir: string): OptionValues {
  const values: Record<string, unknown> = {};
  for (const name of optionNames) values[name] = valid[name] ?? constantDefault(name, rootDir);
  for (const name of optionNames) {
    const made = optionTable[name].default;
    if (typeof made === 'function') values[name] = valid[name] ?? made(values);
  }
  // Each has passed its rule or is its default, of which OptionValues is derived.
  return values as OptionValues;
}

function constantDefault(name: OptionName, rootDir: string): unknown {
  const { rule, default: value } = optionTable[name];
  if (value === undefined || typeof value === 'function') return undefined;
  const result = rule(value, rootDir);
  if ('value' in result) return result.value;
  throw new Error(`the default of ${name} ${result.problem}`);
}

/** What cannot be had together with an option that is for the tests alone. */
function testsContradictions({ staleReads, synchronous, settings }: ResolvedOptions): string[] {
  const waits = synchronous > 0 && settings.synchronous_commit === 'remote_apply';
  return staleReads && waits
    ? [
        `staleReads stops the replay of slaves, but commits wait for it (synchronous is ${synchronous}, and settings.synchronous_commit 'remote_apply'): none could ever end`,
      ]
    : [];
}

/** `slaves must be …`, `slaves[1].slot must be …` */
function withName(name: string, problem: string): string {
  return problem.startsWith('[') ? `${name}${problem}` : `${name} ${problem}`;
}

function isOptionName(name: string): name is OptionName {
  return (optionNames as readonly string[]).includes(name);
}
