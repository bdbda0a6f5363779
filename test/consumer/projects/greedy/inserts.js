const { Client } = require('pg');

/** Some 260 MB with its WAL; no more, should nobody end it. */
exports.insertWithoutEnd = async () => {
  const client = new Client(PG_MASTER_URL);
  client.on('error', () => {});
  await client.connect();
  await client.query(
    `CREATE TABLE orders AS SELECT i, repeat('x', 100) AS what FROM generate_series(1, 1000000) AS i`,
  );
};
