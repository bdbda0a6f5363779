const { Table } = require('typeorm');

exports.Authors1767225600000 = class Authors1767225600000 {
  async up(queryRunner) {
    await queryRunner.createTable(
      new Table({
        name: 'authors',
        columns: [
          { name: 'id', type: 'int', isPrimary: true, isGenerated: true },
          { name: 'name', type: 'text' },
        ],
      }),
    );
    await queryRunner.query("INSERT INTO authors (name) VALUES ('Ursula')");
  }

  async down(queryRunner) {
    await queryRunner.dropTable('authors');
  }
};
