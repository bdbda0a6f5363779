import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { useCluster } from '../../../support/cluster';

const the = useCluster({ slaves: 0 });

/** How long the tests' own code keeps its thread busy. */
const busyMs = 400;

/** A client in a thread of its own: it begins when it may, and writes down when it met the loss. */
const client = `
  const { workerData: { url, pg, shared }, parentPort } = require('node:worker_threads');
  const { Client } = require(pg);
  const [signals, times] = [new Int32Array(shared, 0, 2), new Float64Array(shared, 8, 1)];
  const client = new Client(url);
  client.on('error', () => {});
  client.connect().then(() => {
    parentPort.postMessage('ready');
    Atomics.wait(signals, 0, 0);
    return client.query('SELECT 1');
  }).catch(() => {
    times[0] = Date.now();
  });
`;

test('a client meets the loss once the test can see the hit, even if the test is busy', async () => {
  const { pgCluster } = the;
  const trap = await pgCluster.master.cutAt(/^select 1$/i);
  const shared = new SharedArrayBuffer(16);
  const [signals, times] = [new Int32Array(shared, 0, 2), new Float64Array(shared, 8, 1)];
  const workerData = { url: pgCluster.masterUrl, pg: require.resolve('pg'), shared };
  const worker = new Worker(client, { eval: true, workerData });
  const ended = once(worker, 'exit');
  await once(worker, 'message');
  Atomics.store(signals, 0, 1);
  Atomics.notify(signals, 0);
  // Nobody in this thread hears of anything for a while.
  Atomics.wait(signals, 1, 0, busyMs);
  const heardFrom = Date.now();
  expect(times[0]).toBe(0);
  await ended;
  expect(times[0]).toBeGreaterThanOrEqual(heardFrom);
  expect(trap.hits).toHaveLength(1);
});
