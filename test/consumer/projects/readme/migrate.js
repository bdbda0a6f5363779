const { Client } = require('pg');

const client = new Client({ connectionString: process.env.DATABASE_URL });

client
  .connect()
  .then(() => client.query('CREATE TABLE accounts (name text PRIMARY KEY)'))
  .finally(() => client.end());
