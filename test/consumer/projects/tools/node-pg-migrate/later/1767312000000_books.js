exports.up = (pgm) => {
  pgm.createTable('books', { author_id: { type: 'integer', references: 'authors' } });
};
