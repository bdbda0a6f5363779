const insert = (count) =>
  pgCluster.master.query('INSERT INTO t SELECT generate_series(1, $1)', [count]);
const rows = async () => (await pgCluster.master.query('SELECT count(*)::int AS n FROM t'))[0].n;
const tables = async () =>
  (
    await pgCluster.master.query("SELECT tablename AS t FROM pg_tables WHERE schemaname = 'public'")
  ).map(({ t }) => t);

test('the first one begins with a new cluster', async () => {
  expect(await tables()).toEqual([]);
  await pgCluster.master.query('CREATE TABLE left_behind (a int); CREATE ROLE left_behind');
  await pgCluster.master.kill();
});

test('so does the next one, whatever that one did', async () => {
  expect(await tables()).toEqual([]);
  expect(
    await pgCluster.master.query("SELECT FROM pg_roles WHERE rolname = 'left_behind'"),
  ).toEqual([]);
});

describe('with a snapshot', () => {
  beforeAll(async () => {
    await pgCluster.master.query('CREATE TABLE t (a int)');
    await insert(10);
    await pgCluster.snapshot();
  });
  beforeEach(() => insert(1));

  test('its data are there, and what beforeEach adds', async () => {
    expect(await rows()).toBe(11);
    await insert(5);
  });

  test('they are what they were', async () => {
    expect(await rows()).toBe(11);
    await pgCluster.switchover();
  });

  test('so is the cluster', async () => {
    expect(pgCluster.master.name).toBe('pg0');
    await insert(5);
  });

  describe('and one of a block', () => {
    beforeAll(async () => {
      await insert(100);
      await pgCluster.snapshot();
    });

    test('which adds to that, but not to what tests did', async () => {
      expect(await rows()).toBe(111);
      await insert(5);
    });

    test('as long as the block lasts', async () => {
      expect(await rows()).toBe(111);
    });
  });

  test('but not longer', async () => {
    expect(await rows()).toBe(11);
  });
});

test('after the block of a snapshot it is a new cluster again', async () => {
  expect(await tables()).toEqual([]);
});
