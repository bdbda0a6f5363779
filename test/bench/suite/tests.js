const { join } = require('node:path');
const { Client } = require('pg');

const { SUITE_ROOT, SUITE_BY } = process.env;
let url;
let remove = async () => {};

// What Jest itself takes.
const isEmpty = SUITE_BY === 'nothing';

if (isEmpty) {
  url = '';
} else if (SUITE_BY) {
  beforeAll(async () => {
    const hooks = require(join(SUITE_ROOT, 'test', 'bench', 'suite-hooks.ts'));
    ({ url, remove } = await hooks[SUITE_BY]());
  });
  afterAll(() => remove());
} else {
  url = PG_MASTER_URL;
}

for (let number = 1; number <= 3; number += 1) {
  test(`writes and reads, ${number}`, async () => {
    if (isEmpty) return;
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(`CREATE TABLE t${number} AS SELECT generate_series(1, 100) AS a`);
    const { rows } = await client.query(`SELECT count(*)::int AS n FROM t${number}`);
    expect(rows).toEqual([{ n: 100 }]);
    await client.end();
  });
}
