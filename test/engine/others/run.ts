import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { acquireEngine } from '../index';
import { say, sayLoudly, step } from '../report';
import { type EngineName, engines, isEngineName } from './engines';
import { type JestResults, type Verdict, verdictOn } from './verdict';

const root = join(__dirname, '../../..');
/** A short form, for docker/acts-elsewhere.test.ts: what the README's table of engines promises, and no more. */
const short = { majors: [17], jestOptions: ['--testPathPatterns', 'docker/acts.test'] };
const usage = `npm run test:engines -- [engine…] [--short | Jest's options]
  engines: ${Object.keys(engines).join(', ')}; all of them if none is named
  as in: npm run test:engines -- podman --testPathPatterns heal reset`;

/** The child that Ctrl-C is for; what was started is ended behind it. */
let child: ChildProcess | undefined;
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    child?.kill('SIGTERM');
  });
}

async function main(args: readonly string[]): Promise<void> {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const names = firstOption === -1 ? args : args.slice(0, firstOption);
  const options = firstOption === -1 ? [] : args.slice(firstOption);
  const how = options[0] === '--short' ? short : { majors: [17, 15, 13], jestOptions: options };
  const unknown = names.filter((name) => !isEngineName(name));
  if (unknown.length > 0) throw new Error(`no engine ${unknown.join(', ')}\n${usage}`);
  const chosen = Object.keys(engines)
    .filter(isEngineName)
    .filter((name) => names.length === 0 || names.includes(name));

  // Its images are copied, since making them takes longer.
  const { stop } = await acquireEngine(how);
  try {
    for (const name of chosen) {
      if (isInterrupted) break;
      report(name, await step(`the suite on ${name}`, () => runOn(name, how)));
    }
  } finally {
    await stop();
  }
  if (isInterrupted) process.exitCode = 1;
}

async function runOn(
  name: EngineName,
  { majors, jestOptions }: { majors: readonly number[]; jestOptions: readonly string[] },
): Promise<Verdict> {
  sayLoudly(`starting ${name}; it is ended when the suite has run on it`);
  const images = majors.map((major) => `postgres:${major}`);
  const engine = await engines[name](new Docker(), images);
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-engines-'));
  try {
    const results = join(folder, 'results.json');
    const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--config'];
    const options = [
      join(root, 'test/integration/jest.engines.config.js'),
      '--json',
      `--outputFile=${results}`,
    ];
    if (isInterrupted) throw new Error('interrupted');
    const line = [...engine.via, process.execPath, ...jest, ...options, ...jestOptions];
    const [program = '', ...args] = line;
    child = spawn(program, args, {
      cwd: root,
      env: {
        ...process.env,
        DOCKER_HOST: engine.host,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = await once(child, 'exit');
    child = undefined;
    if (isInterrupted) throw new Error('interrupted');
    const { CgroupVersion: cgroup = '1' } = await engine.docker.info();
    return verdictOn({ name, cgroup }, readResults(results, code), join(root, 'test'));
  } finally {
    rmSync(folder, { recursive: true });
    await step(`${name} end`, () => engine.end());
  }
}

function readResults(file: string, exitCode: number | null): JestResults {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JestResults;
  } catch (error) {
    throw new Error(`Jest has left no results, and ended with ${exitCode}`, { cause: error });
  }
}

function report(name: EngineName, { passed, known, failed, works }: Verdict): void {
  say(`${name}: ${passed} passed, ${known.length} cannot be had there`);
  for (const test of known) say(`  cannot be had: ${test}`);
  for (const test of failed) sayLoudly(`failed on ${name}: ${test}`);
  for (const test of works) sayLoudly(`works on ${name}, take it out of cannot.ts: ${test}`);
  if (passed === 0) sayLoudly(`nothing has passed on ${name}`);
  if (failed.length + works.length > 0 || passed === 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
