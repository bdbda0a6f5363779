import { appendFileSync } from 'node:fs';

/** Tells the processes that tests run in where figures are gathered; see figures-reporter.cjs. */
const variable = 'PG_CLUSTER_TEST_FIGURES';

/** Adds to a figure that is printed at the end of the suite. */
export function figure(what: string, howMany = 1): void {
  const file = process.env[variable];
  if (file) appendFileSync(file, `${JSON.stringify([what, howMany])}\n`);
}
