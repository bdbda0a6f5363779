import { join } from 'node:path';
import { checkOut } from './checkout';
import { Contestant } from './contestant';
import { formatTable, type Series } from './table';

const root = join(__dirname, '..', '..');

/**
 * What this tree and another commit take for the same, in turn, so that a slow minute of the machine
 * hits both. Which of them begins changes each round.
 */
export async function compareWith(o: {
  revision: string;
  engine: string;
  rounds: number;
}): Promise<string> {
  const other = checkOut(o.revision);
  try {
    const contestants = [
      new Contestant(other.commit, other.folder, o.engine),
      new Contestant('this', root, o.engine),
    ];
    try {
      return await compete(contestants, other.commit, o.rounds);
    } finally {
      for (const contestant of contestants) contestant.end();
    }
  } finally {
    other.remove();
  }
}

async function compete(
  contestants: readonly Contestant[],
  base: string,
  rounds: number,
): Promise<string> {
  // Templates and images are made before the clock runs.
  for (const contestant of contestants) await contestant.round();
  const series: Record<string, Series> = {};
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    for (const { name, round: run } of round % 2 ? [...contestants].reverse() : contestants) {
      for (const [what, seconds] of Object.entries(await run())) {
        const row = series[what] ?? {};
        series[what] = { ...row, [name]: [...(row[name] ?? []), seconds] };
      }
    }
  }
  return Object.entries(series)
    .map(([what, rows]) => `${what}\n${formatTable(rows, base)}\n`)
    .join('\n');
}
