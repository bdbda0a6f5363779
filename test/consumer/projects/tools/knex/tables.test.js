const { knex } = require('knex');
const { tellTables } = require('../tell-tables');

test('what knex has made is there', () => tellTables('knex'));

test('a COMMIT that never reaches the server has been done by nobody', async () => {
  const db = knex({ client: 'pg', connection: PG_MASTER_URL });
  try {
    const trap = await pgCluster.master.cutAt('COMMIT', { lose: 'request' });
    const written = db.transaction((transaction) =>
      transaction('authors').insert({ name: 'Toni' }),
    );
    await expect(written).rejects.toThrow(/ECONNRESET|terminated/);
    expect(await trap.hit()).toMatchObject({ tag: null });
    expect(await db('authors').where({ name: 'Toni' })).toEqual([]);
  } finally {
    await db.destroy();
  }
});
