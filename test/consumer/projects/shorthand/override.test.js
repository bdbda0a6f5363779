/**
 * @jest-environment-options {"slaves": 0}
 */

test('a docblock overrides one of them, the others stay', async () => {
  expect(PG_SLAVE_URLS).toEqual([]);
  const rows = await pgCluster.master.query('SELECT current_database() AS name');
  expect(rows).toEqual([{ name: 'things' }]);
  expect(process.env.PGUSER).toBe('someone');
});
