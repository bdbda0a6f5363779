import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { figure } from '../engine/figures';
import { start } from '../support/cluster';
import { engine } from '../support/engine';
import { expectNothingLeft } from '../support/leftovers';

/** The long form, by `npm run test:soak`, has 200. */
const clusters = Number(process.env.PG_CLUSTER_LEAK_CLUSTERS ?? (engine === 'local' ? 12 : 4));
const warmUps = 3;
const slackMb = 6;
const perClusterMb = 0.05;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What a process must not have more and more of. */
async function held() {
  // What was closed ends in the background.
  await delay(500);
  collectGarbage();
  const count = (names: readonly string[], name: string) => names.filter((n) => n === name).length;
  const resources = process.getActiveResourcesInfo();
  return {
    fileDescriptors: readdirSync('/proc/self/fd').length,
    timers: count(resources, 'Timeout') + count(resources, 'Immediate'),
    sockets: count(resources, 'TCPSocketWrap') + count(resources, 'PipeWrap'),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
  };
}

async function useOne(): Promise<void> {
  await using the = await start({ slaves: 1 });
  const { pgCluster } = the;
  await pgCluster.pauseMaster();
  await pgCluster.heal();
  await pgCluster.master.query('CREATE TABLE used (a int)');
  await pgCluster.waitForCatchup();
  const ledger = await pgCluster.ledger();
  await ledger.waitFor('acknowledged');
  await ledger.stop();
  await pgCluster.master.exhaustConnections();
}

test(`${clusters} clusters in a row leave nothing in the process`, async () => {
  for (let count = 0; count < warmUps; count += 1) await useOne();
  const before = await held();
  for (let count = 0; count < clusters; count += 1) await useOne();
  const after = await held();
  const { heapMb, ...rest } = after;
  const grown = Object.entries(rest).filter(
    ([what, number]) => number > before[what as keyof typeof rest],
  );
  expect(grown).toEqual([]);
  expect(heapMb - before.heapMb).toBeLessThan(slackMb + perClusterMb * clusters);
  await expectNothingLeft();
  figure('clusters in a row in one process', warmUps + clusters);
}, 1_800_000);
