exports.Books1767312000000 = class Books1767312000000 {
  async up(queryRunner) {
    await queryRunner.query('CREATE TABLE books (author_id int NOT NULL REFERENCES authors)');
  }

  async down(queryRunner) {
    await queryRunner.dropTable('books');
  }
};
