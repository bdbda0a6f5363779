exports.up = (pgm) => {
  pgm.createTable('authors', { id: 'id', name: { type: 'text', notNull: true } });
  pgm.sql("INSERT INTO authors (name) VALUES ('Ursula')");
};
