import { join } from 'node:path';
import type * as Alone from '../../src/alone/start-cluster';
import type * as Sessions from '../../src/cleanup/session';
import { ownMemory } from './memory';

/** Run by workers.ts: has one cluster, as a worker of Jest's has, until its owner lets go of it. */
const [, , engine = '', slaves = ''] = process.argv;
const dist = join(__dirname, '..', '..', 'dist');

export interface WorkerTold {
  readonly session: string;
  /** What this process takes more with a cluster than with `jest-environment-node` alone, in MB. */
  readonly more: number;
}

async function main(): Promise<void> {
  require('jest-environment-node');
  const before = ownMemory();
  const { startCluster }: typeof Alone = require(join(dist, 'alone/start-cluster.js'));
  const { currentSession }: typeof Sessions = require(join(dist, 'cleanup/session.js'));
  // Sixty-four servers that start at once take their time on two cores.
  const startTimeoutMs = 300_000;
  const cluster = await startCluster({ engine, slaves: Number(slaves), startTimeoutMs } as never);
  const more = ownMemory() - before;
  process.send?.({ session: currentSession().id, more } satisfies WorkerTold);
  process.once('disconnect', () => {
    cluster.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
