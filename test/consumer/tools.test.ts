import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { versionOf } from './harness/installation';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';
import { addMigrations, changeMigrations, installTools } from './harness/tools';

/** The project's folder of each, and what runs there. */
const tools: [name: string, what: string][] = [
  ['drizzle', 'drizzle/migrate.mjs'],
  ['knex', '`npx knex migrate:latest`'],
  ['node-pg-migrate', '`node-pg-migrate up`'],
  ['prisma', 'prisma migrate deploy`'],
  ['sequelize', 'sequelize/migrate.js'],
  ['typeorm', '`typeorm migration:run -d data-source.js`'],
];
const names = tools.map(([name]) => name);

/**
 * Prisma 7 can migrate only by a program that it loads from a site of its own; 6.19 has it as
 * WebAssembly, too. The driver of 6.19 cannot read what that asks of PostgreSQL, the one of 7 can.
 */
const versions = {
  knex: '3.3.0',
  typeorm: '1.1.1',
  'drizzle-orm': '0.45.4',
  'node-pg-migrate': '9.0.0',
  sequelize: '6.37.8',
  umzug: '3.8.3',
  prisma: '6.19.3',
  '@prisma/adapter-pg': '7.10.1',
  pg: versionOf('pg'),
};

let project: Project;

beforeAll(async () => {
  project = new Project('tools');
  // Nobody has prepared for a lock file with this name.
  await installTools(project, versions, `tools-${randomUUID()}`);
});

/**
 * Resolves to the tools that were used to prepare data. A tool sees no more of the engine than a URL:
 * prepare.test.ts has Docker as well.
 */
async function run(): Promise<string[]> {
  const cache = { PG_CLUSTER_CACHE_DIR: join(project.folder, 'cache-of-clusters') };
  const jest = await runJest(project, ['--maxWorkers=2'], { env: { ENGINE: 'local', ...cache } });
  jest.expectExit(0);
  const prepared = [...jest.stderr.matchAll(/^pg-cluster: preparing data: (.*)$/gm)]
    .flatMap(([, what = '']) => tools.filter(([, end]) => what.endsWith(end)))
    .map(([name]) => name)
    .sort();
  await expectNothingLeft(jest);
  return prepared;
}

/** To these a migration is added; of the others, one is changed. */
const growing = ['knex', 'prisma', 'typeorm'];

/** What the tests tell when each node of each cluster has these tables and rows. */
const onAllNodes = (rowsOf: (tool: string) => string[]) =>
  names.map((tool) => ({ tool, nodes: { pg0: rowsOf(tool), pg1: rowsOf(tool) } }));

test('each tool prepares once, and again when a migration is added or changed', async () => {
  expect(await run()).toEqual(names);
  expect(project.told()).toEqual(onAllNodes(() => ['authors', 'Ursula']));
  expect(await run()).toEqual([]);

  for (const name of names) {
    if (growing.includes(name)) addMigrations(project, name);
    else changeMigrations(project, name, 'Ursula', 'Octavia');
  }
  expect(await run()).toEqual(names);
  expect(project.told()).toEqual(
    onAllNodes((tool) =>
      growing.includes(tool) ? ['authors', 'books', 'Ursula'] : ['authors', 'Octavia'],
    ),
  );
});
