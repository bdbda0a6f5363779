import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Deadline, poll } from '../../src/base/deadline';
import { figure } from '../engine/figures';
import { start } from '../support/cluster';
import { engine } from '../support/engine';
import { expectNothingLeft } from '../support/leftovers';

/** The long form, by `npm run test:soak`, has 200. */
const clusters = Number(process.env.PG_CLUSTER_LEAK_CLUSTERS ?? (engine === 'local' ? 5 : 3));
const warmUps = 3;
const slackMb = 6;
const perClusterMb = 0.05;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What a process must not have more and more of. */
function held() {
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
type Held = ReturnType<typeof held>;

/** The least that is held in ten looks: what was closed ends in the background, and beats go on. */
async function heldAtLeast(): Promise<Held> {
  const looks: Held[] = [];
  return poll({
    deadline: Deadline.in(20_000),
    what: 'ten looks at what is held',
    intervalMs: 50,
    look: async () => {
      looks.push(held());
      const least = (what: keyof Held) => Math.min(...looks.map((look) => look[what]));
      const names = Object.keys(looks[0] ?? {}) as (keyof Held)[];
      return looks.length === 10
        ? { done: Object.fromEntries(names.map((what) => [what, least(what)])) as Held }
        : { seen: `${looks.length} looks` };
    },
  });
}

/** Waits until no more is held than `before`. */
async function untilNoMoreThan(before: Held, deadline: Deadline): Promise<void> {
  await poll({
    deadline,
    what: 'no more to be held than before',
    intervalMs: 100,
    look: async () => {
      const { heapMb, ...rest } = held();
      const grown = Object.entries(rest)
        .filter(([what, number]) => number > before[what as keyof typeof rest])
        .map(([what, number]) => `${number} ${what}, not ${before[what as keyof typeof rest]}`);
      const allowedMb = before.heapMb + slackMb + perClusterMb * clusters;
      if (heapMb > allowedMb) grown.push(`${heapMb} MB, not ${allowedMb}`);
      return grown.length === 0 ? { done: undefined } : { seen: grown.join('; ') };
    },
  });
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
  const atRest = await heldAtLeast();
  for (let count = 0; count < clusters; count += 1) await useOne();
  await untilNoMoreThan(atRest, Deadline.in(20_000));
  await expectNothingLeft();
  figure('clusters in a row in one process', warmUps + clusters);
}, 1_800_000);
