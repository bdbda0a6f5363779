import { expect, test } from 'vitest';

test('the migration has run on every node', async () => {
  for (const node of pgCluster.nodes) {
    const [row] = await node.query('TABLE migrated');
    expect(row).toEqual({ at_root: true, vitest: null });
  }
});
