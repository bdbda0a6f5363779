const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/**
 * Jest's reporter that prints at the end of the suite what its tests have added up: runs, kills,
 * leftovers, bad inputs. Tests add to it by figures.ts, in whatever process they run.
 */
module.exports = class FiguresReporter {
  #folder = mkdtempSync(join(tmpdir(), 'pg-cluster-figures-'));
  #file = join(this.#folder, 'figures');

  constructor() {
    writeFileSync(this.#file, '');
    process.env.PG_CLUSTER_TEST_FIGURES = this.#file;
  }

  onRunComplete() {
    const sums = new Map();
    for (const line of readFileSync(this.#file, 'utf8').split('\n').filter(Boolean)) {
      const [what, howMany] = JSON.parse(line);
      sums.set(what, (sums.get(what) ?? 0) + howMany);
    }
    rmSync(this.#folder, { recursive: true });
    const lines = [...sums].sort().map(([what, sum]) => `  ${String(sum).padStart(5)}  ${what}`);
    if (lines.length > 0) process.stderr.write(`\nFigures of this run:\n${lines.join('\n')}\n`);
  }
};
