import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { start } from './cluster';
import { useFolder } from './folder';
import { rows } from './rows';

const modules = resolve(__dirname, '../../node_modules');
let projects = 0;

/** A folder with migrations, as a project has them; it counts how often they run. */
export interface Project {
  readonly folder: string;
  write(file: string, text: string): void;
  readonly runs: number;
}

/** Call it once in a file; each call of what it returns makes a project. */
export function useProjects(name: string): () => Project {
  const folder = useFolder(name);
  return () => {
    projects += 1;
    return projectIn(join(folder, String(projects)));
  };
}

function projectIn(folder: string): Project {
  mkdirSync(folder);
  symlinkSync(modules, join(folder, 'node_modules'));
  const runs = join(folder, 'runs.log');
  const write = (file: string, text: string) => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  write('migrate.mjs', migrate);
  // Nothing in a cache is the same.
  write('migrations/0.sql', `CREATE TABLE once (made text DEFAULT '${folder} ${Date.now()}')`);
  return {
    folder,
    write,
    get runs() {
      return existsSync(runs) ? readFileSync(runs, 'utf8').length : 0;
    },
  };
}

/** A small migration tool. */
const migrate = `
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
appendFileSync('runs.log', '.');
const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
for (const file of readdirSync('migrations').sort()) {
  console.log('running ' + file);
  await client.query(readFileSync('migrations/' + file, 'utf8'));
}
await client.end();
`;

export const command = 'node migrate.mjs';
export const inputs = ['migrations/**', 'migrate.mjs'];

/** The option for a script that does not depend on other files. */
export const script = (name: string) => ({ prepare: { script: name, inputs: 'migrations' } });

/** Starts a cluster in a project; resolves to what each node answers. */
export async function started(project: Project, sql: string, given: Record<string, unknown> = {}) {
  const prepare = { command, inputs };
  await using the = await start({ slaves: 1, prepare, ...given }, project.folder);
  const { nodes } = the.pgCluster;
  return await Promise.all(nodes.map(({ url }) => rows(url, sql)));
}

/** Why no cluster can be started in a project. */
export async function refused(project: Project, given: Record<string, unknown>): Promise<unknown> {
  return start({ slaves: 0, ...given }, project.folder).then(
    async (the) => {
      await the[Symbol.asyncDispose]();
      throw new Error('it started');
    },
    (error: unknown) => error,
  );
}
