import { createServer, type Server } from 'node:net';
import type * as Ports from '../../src/base/machine/ports';

/** Two of them know nothing of each other, as in two processes. */
function anotherWorker(): typeof Ports {
  let ports: typeof Ports | undefined;
  jest.isolateModules(() => {
    ports = require('../../src/base/machine/ports');
  });
  if (!ports) throw new Error('it was not loaded');
  return ports;
}

async function take(worker: typeof Ports, count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => worker.freePort()));
}

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(server));
  });
}

test('two workers are given no port in common, also when nobody listens on them yet', async () => {
  const [one, other] = [anotherWorker(), anotherWorker()];
  const [ofOne, ofOther] = [await take(one, 250), await take(other, 250)];

  expect(new Set([...ofOne, ...ofOther]).size).toBe(500);

  for (const port of ofOne) one.releasePort(port);
  for (const port of ofOther) other.releasePort(port);
});

test('ports that are given back can be given to other workers', async () => {
  // Each would have a block for itself, and there are fewer.
  for (let round = 0; round < 130; round += 1) {
    const worker = anotherWorker();
    const [port] = await take(worker, 1);
    worker.releasePort(port as number);
  }
});

test('a port is not given again at once', async () => {
  const worker = anotherWorker();
  const [kept, first] = await take(worker, 2);
  worker.releasePort(first as number);
  const next = await take(worker, 90);

  expect(next).not.toContain(first);

  for (const port of [kept as number, ...next]) worker.releasePort(port);
});

test('a port is not given while somebody else listens on it', async () => {
  const worker = anotherWorker();
  const [kept, taken] = await take(worker, 2);
  const server = await listenOn(taken as number);
  worker.releasePort(taken as number);
  const rest = await take(worker, 99);

  expect(rest).not.toContain(taken);

  server.close();
  for (const port of [kept as number, ...rest]) worker.releasePort(port);
});
