import { useCluster } from '../support/cluster';
import { rows } from '../support/rows';

describe('names, passwords and settings with characters that need quoting', () => {
  const user = `o'b"r\\ien $x`;
  const database = `da"ta's \\ 東京=1/2`;
  const password = `p'"\\ #?/@:%é`;
  const the = useCluster({
    slaves: 1,
    user,
    database,
    password,
    settings: { 'custom.setting': `it's \\ a "value"`, work_mem: '7MB', max_connections: 50 },
    init: ['sql/schema.sql', 'sql/later'],
  });

  test('work as they are, on master and slave', async () => {
    const { pgCluster } = the;
    for (const url of [pgCluster.masterUrl, ...pgCluster.slaveUrls]) {
      await expect(
        rows(url, 'SELECT current_user::text AS u, current_database()::text AS d'),
      ).resolves.toEqual([{ u: user, d: database }]);
      await expect(
        rows(
          url,
          `SELECT current_setting('custom.setting') AS c, current_setting('work_mem') AS w`,
        ),
      ).resolves.toEqual([{ c: `it's \\ a "value"`, w: '7MB' }]);
    }
  });

  test('init files have run once, in order, as the user in the database', async () => {
    const sql = 'SELECT step, by_user, in_database FROM steps ORDER BY id';
    for (const url of [the.pgCluster.masterUrl, ...the.pgCluster.slaveUrls]) {
      await expect(rows(url, sql)).resolves.toEqual(
        ['schema', 'later 1', 'later 2'].map((step) => ({
          step,
          by_user: user,
          in_database: database,
        })),
      );
    }
  });
});
