const { Sequelize } = require('sequelize');
const { SequelizeStorage, Umzug } = require('umzug');

module.exports = async ({ url }) => {
  const sequelize = new Sequelize(url);
  const umzug = new Umzug({
    migrations: { glob: 'migrations/*.js' },
    context: sequelize.getQueryInterface(),
    storage: new SequelizeStorage({ sequelize }),
    logger: console,
  });
  await umzug.up();
  await sequelize.close();
};
