test('this file has none', () => {
  expect(global).not.toHaveProperty('pgCluster');
  expect(process.env).not.toHaveProperty('PG_MASTER_URL');
});
