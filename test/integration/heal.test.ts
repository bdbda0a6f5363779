import { heal } from '../../src/cluster/lifecycle/heal';
import { start, useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { failure } from '../support/failure';
import { rows } from '../support/rows';
import { fromOutside } from './outside';

describe('heal', () => {
  const the = useCluster({ slaves: 2, synchronous: 1 });

  test('does nothing to a whole cluster, and says nothing', async () => {
    const before = the.pgCluster.timeline.length;
    await expect(heal(the.cluster)).resolves.toMatchObject({ what: [] });
    expect(the.pgCluster.timeline).toHaveLength(before);
  });

  test('undoes every pause, and all stream again', async () => {
    const { pgCluster } = the;
    await pgCluster.pauseSlave(0);
    await pgCluster.pauseMaster();
    await pgCluster.pauseSlave(1);
    const { what } = await heal(the.cluster);
    expect(what).toEqual(['pg2 was paused', 'pg0 was paused', 'pg1 was paused']);
    expect((await pgCluster.status()).nodes.map((n) => n.state)).toEqual(Array(3).fill('running'));
    await rows(pgCluster.masterUrl, 'CREATE TABLE healed (a int)');
    expect(pgCluster.timeline.at(-1)).toMatchObject({ act: 'heal', outcome: 'done' });
  });

  test('leaves faults alone that are kept for longer', async () => {
    const { pgCluster, cluster } = the;
    await pgCluster.pauseSlave(0);
    const kept = cluster.faults.all;
    await pgCluster.pauseSlave(1);
    await heal(
      cluster,
      cluster.faults.all.filter((fault) => !kept.includes(fault)),
    );
    expect(pgCluster.nodes.map((n) => n.state)).toEqual(['running', 'paused', 'running']);
    await pgCluster.heal();
    expect(pgCluster.nodes.map((n) => n.state)).toEqual(['running', 'running', 'running']);
  });

  test('brings back what something else has paused or ended', async () => {
    const { pgCluster } = the;
    await fromOutside.pause(pgCluster, 'pg1');
    await fromOutside.kill(pgCluster, 'pg2');
    const { what } = await heal(the.cluster);
    expect([...what].sort()).toEqual([
      'pg1 had been paused from outside',
      expect.stringMatching(/^pg2 had ended \(.*(exit code 137|SIGKILL)\)$/),
    ]);
    await rows(pgCluster.masterUrl, 'CREATE TABLE brought_back (a int)');
    await pgCluster.waitForCatchup();
    await expect(rows(pgCluster.slaveUrls[1] ?? '', 'TABLE brought_back')).resolves.toEqual([]);
  });
});

test('heal gives up when a log shows what will not pass by itself; a reset helps', async () => {
  await using the = await start({ slaves: 1 });
  const { pgCluster } = the;
  const [slave] = pgCluster.slaves;
  for (const [setting, reason] of [
    ['max_connections = 5', /pg1 cannot be healed: .*max_connections = 5 is a lower setting/],
    ['hot_standby = off', /pg1 cannot be healed: .*Hot standby mode is disabled/],
  ] as const) {
    await slave?.query(`ALTER SYSTEM SET ${setting}`);
    await slave?.kill();
    await expect(pgCluster.heal()).rejects.toMatchObject(failure('HEAL', reason));
    await pgCluster.reset();
    await pgCluster.waitForCatchup();
  }
}, 300_000);

test('heal says which node is lost', async () => {
  await using the = await start({ slaves: 1 });
  await fromOutside.remove(the.pgCluster, 'pg1');
  await expect(heal(the.cluster)).rejects.toMatchObject(
    failure(
      'HEAL',
      `pg1 is lost: its ${engine === 'docker' ? 'container' : 'directory'} was removed`,
    ),
  );
});
