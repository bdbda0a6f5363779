import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeChart, drawChart } from './chart';
import { type Figures, readFigures } from './figures';
import { parts } from './readme-tables';

/**
 * Writes what the README tells of the bench's last run, between its markers `<!-- numbers: … -->` and
 * `<!-- end -->`, and the chart beside its other pictures; or the same in the tree that is given.
 */
const folder = process.argv[2] ?? resolve(__dirname, '..', '..');
const chart = '.github/numbers.svg';

try {
  const figures = readFigures(folder);
  const readme = join(folder, 'README.md');
  const written = fill(readFileSync(readme, 'utf8'), figures);
  writeFileSync(join(folder, chart), drawChart(figures));
  writeFileSync(readme, written);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function fill(readme: string, figures: Figures): string {
  const made: Record<string, (figures: Figures) => string> = {
    ...parts,
    chart: () => `![${describeChart(figures)}](${chart})`,
  };
  const found = new Set<string>();
  const filled = readme.replaceAll(
    /(<!-- numbers: (\w+) -->\n).*?(?=<!-- end -->)/gs,
    (_, marker: string, name: string) => {
      const make = made[name];
      if (make === undefined)
        throw new Error(`README.md has a marker for "${name}", which is none`);
      found.add(name);
      return `${marker}\n${make(figures)}\n\n`;
    },
  );
  const missing = Object.keys(made).filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new Error(`README.md has no marker <!-- numbers: … --> for ${missing.join(', ')}`);
  }
  return filled;
}
