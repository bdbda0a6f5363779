import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('has the nodes of the worker, as new', async () => {
  const told = { port: pgCluster.master.port, password: process.env.PGPASSWORD };
  appendFileSync(join(import.meta.dirname, '..', 'lines'), `${JSON.stringify(told)}\n`);
  await pgCluster.master.query('CREATE TABLE everywhere (a int)');
  expect(await pgCluster.status()).toBeStreaming();
});
