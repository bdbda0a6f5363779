import { Client } from 'pg';
import { start, useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { failure } from '../support/failure';
import { rows } from '../support/rows';
import { unseen } from '../support/unseen';

/** Each writes more than half of a segment of WAL. */
const rounds = engine === 'local' ? 5 : 3;

describe('a copy of a node', () => {
  const the = useCluster({
    slaves: [{ settings: { work_mem: '3MB' } }],
    init: 'sql/by-system/counts.sql',
    superuser: true,
    // The master keeps next to nothing of its WAL.
    settings: { wal_keep_size: 0, max_wal_size: '2MB', min_wal_size: '2MB' },
  });
  const show = async (url: string, ...names: string[]) => {
    const list = names.map((name) => `current_setting('${name}') AS ${name}`);
    return (await rows(url, `SELECT ${list.join(', ')}`))[0];
  };

  test('has what init and SQL set by ALTER SYSTEM, and no fault of its source', async () => {
    const { pgCluster } = the;
    const fromInit = { maintenance_work_mem: '33MB', search_path: `"it's", public` };
    for (const { url } of pgCluster.nodes) {
      await expect(show(url, 'maintenance_work_mem', 'search_path')).resolves.toEqual(fromInit);
    }
    const client = new Client(pgCluster.masterUrl);
    await client.connect();
    await client.query("ALTER SYSTEM SET temp_buffers = '9MB'");
    await client.end();
    await pgCluster.master.readOnly();
    const ofMaster = await pgCluster.addSlave();
    await expect(
      show(ofMaster.url, 'temp_buffers', 'default_transaction_read_only', 'maintenance_work_mem'),
    ).resolves.toEqual({
      temp_buffers: '9MB',
      default_transaction_read_only: 'off',
      maintenance_work_mem: '33MB',
    });
    const pg1 = pgCluster.node('pg1');
    await pg1.delayReplay(60_000);
    const ofSlave = await pgCluster.addSlave({ upstream: 'pg1' });
    await expect(show(ofSlave.url, 'work_mem', 'recovery_min_apply_delay')).resolves.toEqual({
      work_mem: '4MB',
      recovery_min_apply_delay: '0',
    });

    await pgCluster.killMaster();
    await pgCluster.failover({ to: ofMaster });
    await pgCluster.rejoin(pgCluster.node('pg0'));
    await rows(ofMaster.url, 'CREATE TABLE public.writable (a int)');
    await pgCluster.heal();
    await expect(
      show(pgCluster.node('pg0').url, 'temp_buffers', 'default_transaction_read_only', 'work_mem'),
    ).resolves.toEqual({
      temp_buffers: '9MB',
      default_transaction_read_only: 'off',
      work_mem: '4MB',
    });
    await rows(ofMaster.url, 'CREATE TABLE public.still_writable (a int)');

    await pgCluster.reset();
    for (const { url } of pgCluster.nodes) {
      await expect(show(url, 'maintenance_work_mem', 'search_path')).resolves.toEqual(fromInit);
    }
    await expect(show(pg1.url, 'work_mem')).resolves.toEqual({ work_mem: '3MB' });
  });

  /**
   * Until `work` is done, but not without end. At each checkpoint the master drops the WAL that
   * slaves that stream have received.
   */
  const whileWritingMuch = async (work: () => Promise<unknown>) => {
    const { pgCluster } = the;
    const { master } = pgCluster;
    let isDone = false;
    const doing = work().finally(() => {
      isDone = true;
    });
    doing.catch(() => {});
    await rows(master.url, 'CREATE TABLE IF NOT EXISTS public.filler (a text)');
    for (let count = 0; count < 300 && !(isDone && count > rounds); count += 1) {
      await rows(
        master.url,
        `TRUNCATE public.filler;
         INSERT INTO public.filler SELECT repeat(md5(i::text), 60) FROM generate_series(1, 300) AS i`,
      );
      const { nodes } = await pgCluster.status();
      for (const { name } of nodes.filter(({ streaming }) => streaming)) {
        await pgCluster.waitForCatchup({ node: pgCluster.node(name) });
      }
      await master.query('CHECKPOINT');
    }
    await doing;
  };

  test('gets the WAL that it needs from a master that keeps none', async () => {
    const { pgCluster } = the;
    await pgCluster.reset();
    await whileWritingMuch(() => pgCluster.addSlave());
    await pgCluster.waitForCatchup();

    const pg1 = pgCluster.node('pg1');
    await pg1.kill();
    await whileWritingMuch(async () => {});
    await whileWritingMuch(() => pgCluster.heal());
    await pgCluster.waitForCatchup();
    await expect(
      pgCluster.master.query('SELECT slot_name FROM pg_replication_slots'),
    ).resolves.toEqual([]);

    await pgCluster.killMaster();
    await pgCluster.failover();
    await whileWritingMuch(() => pgCluster.rejoin(pgCluster.node('pg0')));
    await pgCluster.waitForCatchup();
    await pgCluster.heal();
    await whileWritingMuch(() => pgCluster.snapshot());
    await pgCluster.restore();
    await pgCluster.waitForCatchup();
  });
});

test('init may not set by ALTER SYSTEM what the environment sets itself', async () => {
  const given = { slaves: 0, init: 'sql/by-system/own.sql', superuser: true, settings: unseen() };
  await expect(start(given)).rejects.toMatchObject(
    failure('IMAGE', 'init sets by ALTER SYSTEM what the environment sets itself: port'),
  );
});
