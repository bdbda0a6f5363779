import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type * as Alone from '../../src/alone/start-cluster';
import type { Times } from './contestant';

/** Run by contestant.ts: measures one built tree by what users call. */
const [, , folder = '', engine = ''] = process.argv;
const { startCluster }: typeof Alone = require(join(folder, 'dist/alone/start-cluster.js'));

const given = { engine, slaves: 2 } as Parameters<typeof startCluster>[0];
const load = `
  const began = performance.now();
  require(${JSON.stringify(join(folder, 'dist/index.js'))});
  process.stdout.write(String(performance.now() - began));`;

async function round(): Promise<Times> {
  const times: Times = {};
  const measure = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await act();
    times[name] = (performance.now() - began) / 1000;
    return result;
  };
  // A process of its own, as here it is loaded.
  times['loading the package'] =
    Number(spawnSync(process.execPath, ['-e', load], { encoding: 'utf8' }).stdout) / 1000;
  const cluster = await measure('start of 1 + 2', () => startCluster(given));
  try {
    const use = () => cluster.master.query('CREATE TABLE used AS SELECT generate_series(1, 1000)');
    await use();
    await measure('reset', () => cluster.reset());
    await measure('snapshot', () => cluster.snapshot());
    await use();
    await measure('restore', () => cluster.restore());
    await measure('failover of a killed master', async () => {
      await cluster.killMaster();
      await cluster.failover();
    });
    await measure('heal after that', () => cluster.heal());
  } finally {
    await measure('removal', () => cluster.stop());
  }
  return times;
}

process.on('message', () => {
  round().then(
    (times) => process.send?.(times),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
