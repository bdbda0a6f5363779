test('the options of the config hold', () => {
  expect(PG_SLAVE_URLS).toHaveLength(2);
  expect(process.env).toMatchObject({ PGUSER: 'someone', PGDATABASE: 'things' });
});
