import { Deadline } from '../../src/base/deadline';
import type { Snapshot } from '../../src/cluster/snapshots';
import { exec } from '../../src/engine/docker/container/exec';
import { DockerNode } from '../../src/engine/docker/node';
import { useCluster } from '../support/cluster';
import { containersOf } from '../support/docker';
import { rows } from '../support/rows';
import { until } from '../support/until';

const context = useCluster({ slaves: 1 });

/** Runs a line of shell in the container of a node. */
async function inContainer(name: string, line: string): Promise<string[]> {
  const container = (await containersOf(context.pgCluster)).get(name);
  if (!container) throw new Error(`no container of ${name}`);
  const command = ['sh', '-c', `cd /pg-cluster && ${line}`];
  const { output } = await exec(container, { command, what: line }, Deadline.in(30_000));
  return output.split('\n').filter((text) => text !== '');
}

/**
 * How the data of pg1 differ from those of the image, which a slave is born with, or from a snapshot,
 * once they were spoilt and restored.
 */
async function spoilAndRestore(spoil: string, taken?: Snapshot): Promise<string[]> {
  const { cluster, pgCluster } = context;
  await pgCluster.master.query('CREATE TABLE filled AS SELECT generate_series(1, 100000) AS a');
  await pgCluster.waitForCatchup();
  const member = (taken ?? cluster.newborn).members[1];
  if (!member) throw new Error('no pg1');
  await inContainer('pg1', `cd data && ${spoil}`);
  const deadline = Deadline.in(30_000);
  const snapshot = member.snapshot(cluster.plan.engine);
  // Twice, as there are two directories, one of which may have been made ready before.
  await member.node.restore(snapshot, deadline);
  member.node.engineNode.expectRestore(snapshot);
  await member.node.restore(snapshot, deadline);
  const id = taken?.id;
  const wanted = `rm -rf wanted && cp -a base wanted && ${id === undefined ? ':' : putTogether(id)}`;
  const found = await inContainer('pg1', `${wanted} && diff -rq wanted data/`);
  await pgCluster.reset();
  return found;
}

/** Makes of the base in the directory `wanted` what a snapshot of it is, for a slave: without slots. */
function putTogether(id: string): string {
  return `xargs -I@ rm -rf wanted/@ <snapshots/${id}/paths && cp -a snapshots/${id}/changes/. wanted && rm -rf wanted/pg_replslot/*`;
}

/** Put there anew each time. */
const own = [
  'Files wanted/postgresql.auto.conf and data/postgresql.auto.conf differ',
  'Only in data/: standby.signal',
];

const ways: [what: string, spoil: string][] = [
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
];

test.each(ways)('a reset makes the data the same, byte for byte, after %s', async (_, spoil) => {
  expect(await spoilAndRestore(spoil)).toEqual(own);
});

describe('a snapshot', () => {
  let taken: Snapshot | undefined;
  beforeAll(async () => {
    const { cluster, pgCluster } = context;
    // Files and directories of the image are gone, and there are new ones.
    await pgCluster.master.query('VACUUM FULL pg_description');
    await pgCluster.master.query('CREATE DATABASE kept');
    await pgCluster.snapshot('first');
    await pgCluster.master.query('DROP DATABASE kept');
    await pgCluster.master.query('CREATE DATABASE other');
    await pgCluster.snapshot('second');
    taken = cluster.snapshots.get('first');
  });

  // Reset goes through the rest of them.
  const some = ways.filter(([what]) => /that are|servers/.test(what));

  test.each(some)('is restored, byte for byte, after %s', async (_, spoil) => {
    expect(await spoilAndRestore(spoil, taken)).toEqual(own);
  });

  test('has of the data only what has changed, and nothing stays where nodes pass it on', async () => {
    const sizes = await inContainer('pg0', `du -s snapshots/${taken?.id} base | cut -f 1`);
    const [snapshot = Number.NaN, base = Number.NaN] = sizes.map(Number);
    // Most of it is the database, and the one that it was made of: the engine made files of the image
    // new when the server opened them.
    expect(snapshot).toBeLessThan(base);
    const { pgCluster } = context;
    for (const { name } of pgCluster.nodes) {
      await expect(inContainer(name, 'ls -A exchange')).resolves.toEqual([]);
    }
  });

  test('leaves nothing behind when another one takes its name', async () => {
    const { cluster, pgCluster } = context;
    await pgCluster.restore('second');
    await pgCluster.snapshot('first');
    const ids = ['first', 'second'].map((name) => cluster.snapshots.get(name)?.id ?? 'none');
    await until('the former snapshot to be dropped', async () => {
      const found = await inContainer('pg1', 'ls snapshots');
      return found.length === 3 || found.join();
    });
    for (const { name } of pgCluster.nodes) {
      const found = await inContainer(name, 'ls snapshots');
      expect(found.sort()).toEqual(['born', ...ids].sort());
    }
    // The data are known as those of a snapshot that is gone.
    await pgCluster.restore('second');
    await pgCluster.snapshot('second');
    await pgCluster.restore('first');
    await expect(pgCluster.slaves[0]?.query('SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await pgCluster.reset();
  });
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

test('a reset works where a container has just ended, and the engine does not know it yet', async () => {
  const { pgCluster } = context;
  const { state } = DockerNode.prototype;
  const container = (await containersOf(pgCluster)).get('pg1');
  await container?.kill();
  await container?.wait();
  let isLate = false;
  const late = jest.spyOn(DockerNode.prototype, 'state').mockImplementation(async function (
    this: DockerNode,
    deadline,
  ) {
    if (isLate || this.name !== 'pg1') return state.call(this, deadline);
    isLate = true;
    return { state: 'running', detail: 'its container runs', startedAt: '' };
  });
  try {
    await pgCluster.reset();
    expect(isLate).toBe(true);
    await pgCluster.waitForCatchup();
  } finally {
    late.mockRestore();
  }
});
