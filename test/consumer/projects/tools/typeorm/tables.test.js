const { DataSource, EntitySchema } = require('typeorm');
const { tellTables } = require('../tell-tables');

test('what typeorm has made is there', () => tellTables('typeorm'));

test('a save whose COMMIT gets no reply has been done, so a second one writes twice', async () => {
  const columns = { id: { type: 'int', primary: true, generated: true }, name: { type: 'text' } };
  const entities = [new EntitySchema({ name: 'author', tableName: 'authors', columns })];
  const source = new DataSource({ type: 'postgres', url: PG_MASTER_URL, entities });
  await source.initialize();
  try {
    const authors = source.getRepository('author');
    const trap = await pgCluster.master.cutAt('COMMIT');
    await expect(authors.save({ name: 'Toni' })).rejects.toThrow(/ECONNRESET|terminated/);
    expect(await trap.hit()).toMatchObject({ tag: 'COMMIT' });
    await authors.save({ name: 'Toni' });
    expect(await authors.countBy({ name: 'Toni' })).toBe(2);
  } finally {
    await source.destroy();
  }
});
