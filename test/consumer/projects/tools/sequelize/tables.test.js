const { DataTypes, Sequelize } = require('sequelize');
const { tellTables } = require('../tell-tables');

test('what sequelize has made is there', () => tellTables('sequelize'));

test('an insert outside of a transaction that gets no reply has been done', async () => {
  const sequelize = new Sequelize(PG_MASTER_URL, { logging: false });
  try {
    const options = { tableName: 'authors', timestamps: false };
    const Author = sequelize.define('author', { name: DataTypes.TEXT }, options);
    const trap = await pgCluster.master.cutAt(/^insert into "authors"/i);
    await expect(Author.create({ name: 'Toni' })).rejects.toThrow(/ECONNRESET|terminated/);
    expect(await trap.hit()).toMatchObject({ tag: 'INSERT 0 1' });
    expect(await Author.count({ where: { name: 'Toni' } })).toBe(1);
  } finally {
    await sequelize.close();
  }
});
