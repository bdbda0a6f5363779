const { projectOf } = require('../project-of');

module.exports = projectOf('sequelize', { script: 'migrate.js', inputs: 'migrations/**' });
