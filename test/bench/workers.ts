import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineKind } from '../../src/engine/registry';
import { everyRoot } from '../support/local-servers';
import { childrenOf, containerProcesses, localProcesses, memoryOfAll } from './memory';
import { sizeOf } from './size-of';
import type { Series } from './table';
import type { WorkerTold } from './worker-process';

/** After which an idle server has done what it does at its start. */
const settleMs = 2_000;

/**
 * What clusters take of the machine's memory, in MB: `workers` processes, with a cluster each. All
 * are there at once; figures are those of an average worker.
 */
export async function measureWorkers(o: {
  engine: EngineKind;
  workers: number;
  slaves: number;
}): Promise<Series> {
  const children = Array.from({ length: o.workers }, () =>
    fork(join(__dirname, 'worker-process.ts'), [o.engine, String(o.slaves)], {
      execArgv: ['--import', 'tsx'],
    }),
  );
  try {
    const told = await Promise.all(children.map(toldBy));
    await sleep(settleMs);
    const found = await Promise.all(
      told.map(({ session }) =>
        o.engine === 'local' ? localProcesses(session) : containerProcesses(session),
      ),
    );
    const nodes = o.workers * (o.slaves + 1);
    const servers = memoryOfAll(found.flatMap((one) => one.servers)) / nodes;
    const engine = memoryOfAll(found.flatMap((one) => one.engine)) / nodes;
    const data = told.reduce((sum, { session }) => sum + dataOf(session), 0) / nodes;
    const more = told.reduce((sum, one) => sum + one.more, 0) / o.workers;
    const wire = ofEach(children, 'dist/wire/wire-process.js');
    const reaper = ofEach(children, 'dist/reaper.js');
    const whole = (servers + engine + data) * (o.slaves + 1) + more + wire + reaper;
    return {
      'a server': [servers],
      ...(o.engine === 'docker' && { "Docker's own processes for a node": [engine] }),
      ...(o.engine === 'local' && { 'the data of a node, in memory': [data] }),
      "the worker's own process, beyond jest-environment-node": [more],
      'its wire': [wire],
      'its reaper': [reaper],
      'the whole of a worker': [whole],
      [`all of ${o.workers} workers`]: [whole * o.workers],
    };
  } finally {
    await Promise.all(children.map(end));
  }
}

async function toldBy(child: ChildProcess): Promise<WorkerTold> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`a worker ended by ${signal ?? `exit code ${code}`}`);
  });
  ended.catch(() => {});
  const [told] = await Promise.race([once(child, 'message'), ended]);
  return told;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

/** The memory of these scripts, for each worker. */
function ofEach(workers: readonly ChildProcess[], script: string): number {
  const pids = workers.flatMap(({ pid }) => (pid === undefined ? [] : childrenOf(pid, script)));
  return memoryOfAll(pids) / workers.length;
}

/** What the files of a session take, in MB. */
function dataOf(session: string): number {
  const homes = everyRoot().map((root) => join(root, session));
  return sizeOf('blocks', ...homes.filter((home) => existsSync(home)));
}
