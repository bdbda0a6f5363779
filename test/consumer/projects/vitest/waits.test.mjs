import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'vitest';

test('is in the middle of something', async () => {
  await pgCluster.pauseSlave();
  writeFileSync(join(import.meta.dirname, 'told-wait.json'), String(process.pid));
  if (process.env.WAIT) await setTimeout(60_000);
}, 90_000);
