// @vitest-environment-options {"slaves": 0, "database": "ofthisfile"}
import { expect, test } from 'vitest';

test('the docblock adds to the options of the plugin, and overrides them', () => {
  expect(pgCluster.slaves).toEqual([]);
  expect(process.env.PGDATABASE).toBe('ofthisfile');
});
