import { Deadline } from '../../src/base/deadline';
import { exec } from '../../src/engine/docker/container/exec';
import { useCluster } from '../support/cluster';
import { containersOf } from '../support/docker';
import { rows } from '../support/rows';

const context = useCluster({ slaves: 1 });

/** How the data of a node that does not run differ from those of its image. */
async function differences(name: string): Promise<string[]> {
  const container = (await containersOf(context.pgCluster)).get(name);
  if (!container) throw new Error(`no container of ${name}`);
  const command = ['diff', '-rq', '/pg-cluster/snapshots/born/data', '/pg-cluster/data'];
  const { output } = await exec(container, { command, what: 'compare' }, Deadline.in(10_000));
  return output.split('\n').filter((line) => line !== '');
}

/** Of pg1: as a slave it has no passwords that were given to it ahead. */
async function spoilAndRestore(spoil: string): Promise<string[]> {
  const { cluster, pgCluster } = context;
  await pgCluster.master.query('CREATE TABLE filled AS SELECT generate_series(1, 100000) AS a');
  await pgCluster.waitForCatchup();
  const container = (await containersOf(pgCluster)).get('pg1');
  const member = cluster.newborn.members[1];
  if (!container || !member) throw new Error('no pg1');
  const command = ['sh', '-c', `cd /pg-cluster/data && ${spoil}`];
  await exec(container, { command, what: 'spoil the data' }, Deadline.in(10_000));
  const deadline = Deadline.in(30_000);
  const snapshot = member.snapshot(cluster.plan.engine);
  // Twice, as there are two directories, one of which may have been made ready before.
  await member.node.restore(snapshot, deadline);
  member.node.engineNode.expectRestore(snapshot);
  await member.node.restore(snapshot, deadline);
  const found = await differences('pg1');
  await pgCluster.reset();
  return found;
}

/** Put there anew each time. */
const own = [
  'Files /pg-cluster/snapshots/born/data/postgresql.auto.conf and /pg-cluster/data/postgresql.auto.conf differ',
  'Only in /pg-cluster/data: standby.signal',
];

test.each([
  ['what servers write', ':'],
  ['files that are gone', 'rm -f base/1/1259 PG_VERSION && rm -rf pg_xact'],
  ['files that are spoilt', 'echo spoilt >>base/1/1259 && echo >global/pg_filenode.map'],
  ['files that nobody knows', 'mkdir -p a/b && touch a/b/c base/1/x'],
  [
    'files whose times were put back',
    'cp -p base/1/1259 /tmp/x && echo x >>base/1/1259 && touch -r /tmp/x base/1/1259',
  ],
  ['directories that cannot be read', 'chmod 000 base/1'],
  ['directories that everybody may read', 'chmod 777 . base base/1'],
  ['directories that are elsewhere', 'mv base/1 /tmp/$$ && ln -s /tmp/$$ base/1'],
  ['files with names that diff does not tell well', `touch 'base/1/x: y' 'a and data/b differ'`],
])('restoring makes the data the same, byte for byte, after %s', async (_, spoil) => {
  expect(await spoilAndRestore(spoil)).toEqual(own);
});

test('requests at the same time are served one after another', async () => {
  const { cluster, pgCluster } = context;
  const member = cluster.newborn.members[1];
  if (!member) throw new Error('no pg1');
  const { node } = member;
  const snapshot = member.snapshot(cluster.plan.engine);
  const deadline = Deadline.in(150_000);
  for (let count = 0; count < 60; count += 1) {
    // Nobody waits for it: its signal comes before, after or in the middle of the next one's work.
    node.engineNode.expectRestore(snapshot);
    await node.engineNode.restore(snapshot, deadline);
    await node.engineNode.start(deadline);
  }
  await pgCluster.reset();
  await expect(rows(pgCluster.node('pg1').url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
});
