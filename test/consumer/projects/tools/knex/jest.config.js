const { projectOf } = require('../project-of');

module.exports = projectOf('knex', {
  command: 'npx knex migrate:latest',
  inputs: ['migrations/**', 'knexfile.js'],
});
