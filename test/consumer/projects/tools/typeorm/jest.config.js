const { projectOf } = require('../project-of');

module.exports = projectOf('typeorm', {
  command: 'typeorm migration:run -d data-source.js',
  inputs: ['migrations/**', 'data-source.js'],
});
