import { expect, test } from 'vitest';

test('globals, variables and the own set-up file agree', async () => {
  expect(process.env).toMatchObject({
    PG_MASTER_URL,
    PG_WRITER_URL,
    PG_READER_URL,
    PG_SLAVE_URLS: PG_SLAVE_URLS.join(','),
    PGPORT: String(pgCluster.master.port),
    DATABASE_URL: PG_MASTER_URL,
  });
  expect(pgCluster.slaves).toHaveLength(1);
});

test('results and errors are of the tests’ realm', async () => {
  const [row] = await pgCluster.master.query('SELECT now() AS now');
  expect(row.now).toBeInstanceOf(Date);
  await expect(pgCluster.slaves[0].readOnly()).rejects.toBeInstanceOf(Error);
});

test('matchers', async () => {
  expect(await pgCluster.status()).toBeStreaming();
  const ledger = await pgCluster.ledger();
  await ledger.waitFor('acknowledged', 5);
  await ledger.stop();
  expect(await ledger.verify()).toHaveLostNothing();
  await expect(pgCluster.master).not.toHaveRun(/nothing like this/);
  await expect(expect(pgCluster.master).toHaveRun(/nothing like this/)).rejects.toThrow(
    'Expected pg0 to run what matches /nothing like this/',
  );
});
