module.exports = {
  projects: ['knex', 'typeorm', 'drizzle', 'node-pg-migrate', 'sequelize', 'prisma'],
};
