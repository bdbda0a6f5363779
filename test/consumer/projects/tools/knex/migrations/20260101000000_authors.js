exports.up = async (knex) => {
  await knex.schema.createTable('authors', (table) => {
    table.increments('id');
    table.string('name').notNullable();
  });
  await knex('authors').insert({ name: 'Ursula' });
};
exports.down = (knex) => knex.schema.dropTable('authors');
