const { DataSource } = require('typeorm');

exports.default = new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  migrations: ['migrations/*.js'],
});
