const { projectOf } = require('../project-of');

module.exports = projectOf('node-pg-migrate', {
  command: 'node-pg-migrate up',
  inputs: 'migrations/**',
});
