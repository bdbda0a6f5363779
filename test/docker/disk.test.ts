import type Docker from 'dockerode';
import { Deadline } from '../../src/base/deadline';
import { newId } from '../../src/base/new-id';
import { currentSession } from '../../src/cleanup/session';
import { heal } from '../../src/cluster/lifecycle/heal';
import { BoundedDisks } from '../../src/engine/docker/container/bounded-disks';
import { clusterLabels, label } from '../../src/engine/docker/image/labels';
import { removeLabelled } from '../../src/engine/docker/session-leftovers';
import { start, useCluster } from '../support/cluster';
import { docker } from '../support/docker';
import { failure } from '../support/failure';
import { rows } from '../support/rows';
import { until } from '../support/until';

/** Some 1.2 MB. */
const insert = `INSERT INTO orders SELECT i, repeat('x', 100) FROM generate_series(1, 10000) AS i`;
const noSpace = {
  code: '53100',
  message: expect.stringMatching(/^could not extend file "base\/.*": No space left on device$/),
};

describe('a full disk', () => {
  const the = useCluster({ slaves: 1, diskLimitMb: 96 });
  const master = () => rows(the.pgCluster.masterUrl, insert);
  const count = async (url: string) =>
    Number((await rows(url, 'SELECT count(*) AS n FROM orders'))[0]?.n);

  beforeAll(async () => {
    await the.pgCluster.master.query('CREATE TABLE orders (id int, what text)');
    await the.pgCluster.waitForCatchup();
  });
  afterEach(() => the.pgCluster.heal());

  test('fails writes with 53100 until it is freed', async () => {
    const { pgCluster } = the;
    await master();
    const before = await count(pgCluster.masterUrl);
    await pgCluster.master.fillDisk();
    await expect(master()).rejects.toMatchObject(noSpace);
    await expect(count(pgCluster.masterUrl)).resolves.toBe(before);
    await pgCluster.master.freeDisk();
    await master();
    await pgCluster.waitForCatchup();
    await expect(count(pgCluster.slaveUrls[0] ?? '')).resolves.toBe(before + 10_000);
  });

  test('still allows WAL, checkpoints and a restart', async () => {
    const { master: node } = the.pgCluster;
    await node.fillDisk();
    for (let mb = 0; mb < 10; mb += 1) {
      await node.query(`SELECT pg_logical_emit_message(false, 'test', repeat('x', 1000000))`);
    }
    await node.query('CHECKPOINT');
    await node.kill();
    await node.start();
    await expect(master()).rejects.toMatchObject(noSpace);
    await expect(node.logs()).resolves.not.toContain('PANIC');
  });

  test('lets a ledger begin, whose writes then fail', async () => {
    const { pgCluster } = the;
    await pgCluster.master.fillDisk();
    const ledger = await pgCluster.ledger();
    await ledger.waitFor('failed', 5);
    await pgCluster.master.freeDisk();
    await ledger.waitFor('acknowledged', 5);
    await ledger.stop();
    expect(await ledger.verify()).toMatchObject({ missing: [], unexpected: [] });
  });

  test('stays full over a restart, and heal frees it', async () => {
    const { pgCluster, cluster } = the;
    await pgCluster.master.fillDisk();
    await pgCluster.master.restart();
    await expect(master()).rejects.toMatchObject(noSpace);
    await expect(heal(cluster)).resolves.toMatchObject({ what: ['pg0 was disk full'] });
    await master();
  });

  test('can be filled and freed in any state; a second fill takes what became free', async () => {
    const { pgCluster } = the;
    const before = pgCluster.timeline.length;
    await pgCluster.master.query('CREATE TABLE room AS SELECT * FROM orders');
    await pgCluster.pauseMaster();
    await pgCluster.master.fillDisk();
    await pgCluster.unpauseMaster();
    await pgCluster.master.query('DROP TABLE room');
    // The files go with the next checkpoint.
    await pgCluster.master.query('CHECKPOINT');
    await master();
    await pgCluster.master.fillDisk();
    await expect(master()).rejects.toMatchObject(noSpace);
    await pgCluster.stopMaster();
    await pgCluster.master.freeDisk();
    await pgCluster.startMaster();
    await pgCluster.master.freeDisk();
    await master();
    expect(
      pgCluster.timeline
        .slice(before)
        .filter(({ act }) => act.endsWith('disk'))
        .map(({ act, outcome }) => `${act}: ${outcome}`),
    ).toEqual([
      'fill disk: done',
      'fill disk: unchanged',
      'free disk: done',
      'free disk: unchanged',
    ]);
  });

  test('ends a slave that cannot replay; heal brings it back', async () => {
    const { pgCluster, cluster } = the;
    const [slave] = pgCluster.slaves;
    await slave?.fillDisk();
    await master();
    await until('pg1 to end', async () => {
      const { nodes } = await pgCluster.status();
      const { state } = nodes[1] ?? {};
      return state === 'stopped' ? true : String(state);
    });
    await expect(slave?.logs()).resolves.toMatch(/FATAL: {2}could not extend file .*No space left/);
    const { what } = await heal(cluster);
    expect(what).toEqual(['pg1 was disk full', expect.stringMatching(/^pg1 had ended/)]);
    await pgCluster.waitForCatchup();
    await expect(count(slave?.url ?? '')).resolves.toBe(await count(pgCluster.masterUrl));
  });

  test('does not prevent a failover; acts that need room are refused, with the remedy', async () => {
    const { pgCluster } = the;
    const refused = (message: string) => failure('STATE', message);
    await pgCluster.master.fillDisk();
    await expect(pgCluster.addSlave()).rejects.toMatchObject(
      refused('pg0 cannot be copied: its disk is full; freeDisk() it first'),
    );
    await expect(pgCluster.snapshot('full')).rejects.toMatchObject(refused('pg0 is disk full'));
    await pgCluster.killMaster();
    const promoted = await pgCluster.failover();
    await master();
    const former = pgCluster.node('pg0');
    await expect(pgCluster.rejoin(former)).rejects.toMatchObject(
      refused('pg0 cannot rejoin: its disk is full; freeDisk() it first'),
    );
    await promoted.fillDisk();
    await former.freeDisk();
    await expect(pgCluster.rejoin(former)).rejects.toMatchObject(
      refused('pg1 cannot be copied: its disk is full'),
    );
    await pgCluster.heal();
    await pgCluster.switchover({ to: former });
    await expect(count(pgCluster.slaveUrls[0] ?? '')).resolves.toBe(
      await count(pgCluster.masterUrl),
    );
  });

  test('is still limited after its data were replaced', async () => {
    const { pgCluster } = the;
    await pgCluster.killMaster();
    const promoted = await pgCluster.failover();
    await promoted.query(insert);
    const former = pgCluster.node('pg0');
    await pgCluster.rejoin(former);
    await pgCluster.switchover({ to: former });
    await former.fillDisk();
    // A new session of a server that has just been cloned may not even get that far.
    await expect(master()).rejects.toMatchObject({ code: '53100' });
  });

  test('is freed by restore and by reset', async () => {
    const { pgCluster } = the;
    await pgCluster.snapshot('kept');
    for (const node of pgCluster.nodes) await node.fillDisk();
    await pgCluster.restore('kept');
    await master();
    for (const node of pgCluster.nodes) await node.fillDisk();
    await pgCluster.reset();
    await rows(pgCluster.masterUrl, 'CREATE TABLE orders (id int, what text)');
    await master();
    await pgCluster.waitForCatchup();
    await expect(count(pgCluster.slaveUrls[0] ?? '')).resolves.toBe(10_000);
  });

  test('that a test itself has filled keeps a slave down: heal says so and gives up', async () => {
    const { pgCluster } = the;
    const [slave] = pgCluster.slaves;
    const fill = `COPY (SELECT repeat('x', 1000000) FROM generate_series(1, 200))
      TO '/pg-cluster/data/base/filler'`;
    await expect(slave?.query(fill)).rejects.toThrow(/No space left on device/);
    await master();
    await expect(pgCluster.heal()).rejects.toMatchObject(
      failure('HEAL', /pg1 cannot be healed: .*No space left on device.*its disk is full/),
    );
    await pgCluster.reset();
    await pgCluster.waitForCatchup();
  });
});

test('a start whose data do not fit on the disk says so', async () => {
  const big = 'sql/big.sql';
  await expect(start({ slaves: 0, diskLimitMb: 64, init: big })).rejects.toMatchObject(
    failure(
      'START',
      /No space left on device(.|\n)*the data \(\d+ MB\) do not fit on the disk: raise diskLimitMb/,
    ),
  );
});

/** As Podman does with `size=`: the volume is there, and holds more than was asked for. */
test('a disk whose limit the engine ignores is not filled', async () => {
  const prefix = `pgcluster-test-${newId()}`;
  const labels = clusterLabels(currentSession(), newId());
  const deadline = Deadline.in(30_000);
  const asked: Docker.VolumeCreateOptions[] = [];
  const disks = new BoundedDisks({
    limitMb: 64,
    prefix,
    labels,
    createVolume: (options) => {
      asked.push(options);
      const driver = { type: 'tmpfs', device: 'tmpfs', o: 'size=80m,mode=1777' };
      return docker.createVolume({ ...options, DriverOpts: driver });
    },
    create: (options) => docker.createContainer({ ...options, Labels: labels }),
  });
  try {
    await disks.make('pg0', deadline);
    disks.mountOf('pg0');
    await disks.hold('pg0', { master: 'postgres:17', slave: '', volumes: [] }, deadline);
    await expect(disks.fill('pg0', deadline)).rejects.toMatchObject(
      failure(
        'UNSUPPORTED',
        'the disk of pg0 cannot be filled: diskLimitMb is 64, but the engine has made one that holds 80 MB',
      ),
    );
    expect(asked).toEqual([expect.objectContaining({ Labels: labels })]);
  } finally {
    await removeLabelled(docker, `${label.session}=${currentSession().id}`, deadline);
  }
});
