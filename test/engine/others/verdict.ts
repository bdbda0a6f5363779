import { relative } from 'node:path';
import { type Cannot, cannot } from './cannot';
import type { EngineName } from './engines';

/** What Jest writes with `--json`, as far as it is read here. */
export interface JestResults {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export interface Verdict {
  readonly passed: number;
  /** What cannot be had there, and did fail. */
  readonly known: readonly string[];
  /** What failed, or could not be run, and is not known to. */
  readonly failed: readonly string[];
  /** What is said not to work, and does. */
  readonly works: readonly string[];
}

/** Holds what came of a run on an engine against what is known to be impossible there. */
export function verdictOn(
  engine: { name: EngineName; cgroup: string },
  { testResults }: JestResults,
  root: string,
  all: readonly Cannot[] = cannot,
): Verdict {
  const passed: string[] = [];
  const known: string[] = [];
  const failed: string[] = [];
  const works: string[] = [];
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative(root, name);
    const here = all.filter(
      (one) =>
        one.engines.includes(engine.name) &&
        one.file === file &&
        (one.cgroup === undefined || one.cgroup === engine.cgroup),
    );
    if (assertionResults.length === 0 && status === 'failed') failed.push(`${file}: ${message}`);
    for (const result of assertionResults) {
      const test = `${file}: ${result.fullName}`;
      const isKnown = here.some((one) => isOf(one, result.fullName));
      if (result.status === 'passed') (isKnown ? works : passed).push(test);
      if (result.status === 'failed') (isKnown ? known : failed).push(test);
    }
  }
  return { passed: passed.length, known, failed, works };
}

function isOf({ test }: Cannot, fullName: string): boolean {
  return typeof test === 'string' ? test === fullName : test.test(fullName);
}
