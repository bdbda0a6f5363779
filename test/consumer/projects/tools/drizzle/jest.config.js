const { projectOf } = require('../project-of');

module.exports = projectOf('drizzle', { script: 'migrate.mjs', inputs: 'migrations/**' });
