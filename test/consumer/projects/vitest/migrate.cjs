const { existsSync } = require('node:fs');
const { Client } = require('pg');

async function main() {
  const client = new Client(process.env.DATABASE_URL);
  await client.connect();
  await client.query('CREATE TABLE migrated (at_root bool, vitest text)');
  const values = [existsSync('vitest.config.mjs'), process.env.VITEST];
  await client.query('INSERT INTO migrated VALUES ($1, $2)', values);
  await client.end();
}

void main();
