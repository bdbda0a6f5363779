exports.up = (knex) =>
  knex.schema.createTable('books', (table) => {
    table.increments('id');
    table.integer('author_id').notNullable().references('authors.id');
  });
exports.down = (knex) => knex.schema.dropTable('books');
