const { master } = pgCluster;
const resets = () => pgCluster.timeline.filter(({ act }) => act === 'reset').length;

test('what stands before a group', async () => {
  await master.query('CREATE TABLE before_it ()');
});

/** Each is there until all have begun that Jest lets run at a time, and a later one finds its table. */
const begun = [];
const together = 3;
let allBegun;
const barrier = new Promise((resolve) => {
  allBegun = resolve;
});

test.concurrent.each([1, 2, 3, 4, 5, 6, 7])(
  'number %i of a group is not reset under',
  async (n) => {
    begun.push(n);
    await master.query(`CREATE TABLE by_${n} ()`);
    if (begun.length === together) allBegun();
    await barrier;
    expect(resets()).toBe(1);
    const tables = await master.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    expect(tables.map(({ tablename }) => tablename)).toEqual(
      expect.arrayContaining([`by_${n}`, 'by_1']),
    );
    expect(tables).not.toContainEqual({ tablename: 'before_it' });
    if (n === 2) await pgCluster.pauseSlave();
  },
);

test('what comes after it starts anew', async () => {
  expect(resets()).toBe(2);
  expect(await master.query("SELECT FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
  expect(pgCluster.slaves[0].state).toBe('running');
});
