import { Deadline } from '../../src/base/deadline';
import { newId } from '../../src/base/new-id';
import { currentSession } from '../../src/cleanup/session';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { engineOf } from '../../src/engine/registry';
import { sweep } from '../../src/engine/sweep';
import { handleOf } from '../../src/handle/cluster-handle';
import { plant } from './plant';
import { engine, expectNothingLeft, start } from './with-cluster';

const [host, machine, boot, namespace, pid] = currentSession().owner.split('/');
const dead = [host, machine, boot, namespace, pid, '17'].join('/');
const elsewhere = ['elsewhere', machine, boot, namespace, pid, '17'].join('/');

test('what a dead owner left is removed; what lives, what is elsewhere and what is not ours stays', async () => {
  const cluster = await start({ slaves: 1 });
  const left = await plant(newId(), dead);
  const others = [await plant(newId(), elsewhere), await plant(newId(), undefined)];
  try {
    await sweep(engineOf(engine), Deadline.in(30_000));
    expect(await left.there()).toEqual([]);
    for (const other of others) expect(await other.there()).toEqual(other.things);
    const { nodes } = await handleOf(cluster).status();
    expect(nodes.map(({ answers }) => answers)).toEqual([true, true]);
  } finally {
    for (const planted of [left, ...others]) await planted.remove();
    await removeCluster(cluster, Deadline.in(30_000));
  }
  await expectNothingLeft();
});
