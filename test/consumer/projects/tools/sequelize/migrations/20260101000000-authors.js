const { DataTypes } = require('sequelize');

exports.up = async ({ context }) => {
  await context.createTable('authors', {
    id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
    name: { type: DataTypes.STRING, allowNull: false },
  });
  await context.bulkInsert('authors', [{ name: 'Ursula' }]);
};
