const { DataTypes } = require('sequelize');

exports.up = ({ context }) =>
  context.createTable('books', {
    author_id: { type: DataTypes.INTEGER, references: { model: 'authors', key: 'id' } },
  });
