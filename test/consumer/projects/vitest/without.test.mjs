// @vitest-environment node
import { expect, test } from 'vitest';

test('a file with another environment has no cluster', () => {
  expect(globalThis.pgCluster).toBeUndefined();
  expect(process.env.PG_MASTER_URL).toBeUndefined();
});
