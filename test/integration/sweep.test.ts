import { Deadline } from '../../src/base/deadline';
import { newId } from '../../src/base/new-id';
import { currentSession } from '../../src/cleanup/session';
import { engineOf } from '../../src/engine/registry';
import { sweep } from '../../src/engine/sweep';
import { start } from '../support/cluster';
import { engine } from '../support/engine';
import { expectNothingLeft } from '../support/leftovers';
import { plant } from './plant';

const [host, machine, boot, namespace, pid] = currentSession().owner.split('/');
const dead = [host, machine, boot, namespace, pid, '17'].join('/');
const elsewhere = ['elsewhere', machine, boot, namespace, pid, '17'].join('/');

afterEach(expectNothingLeft);

test('what a dead owner left is removed; what is alive, elsewhere or not ours stays', async () => {
  await using the = await start({ slaves: 1 });
  await using left = await plant(newId(), dead);
  await using others = await plant(newId(), elsewhere);
  await using nobodys = await plant(newId(), undefined);
  await sweep(engineOf(engine), Deadline.in(30_000));
  expect(await left.there()).toEqual([]);
  expect(await others.there()).toEqual(others.things);
  expect(await nobodys.there()).toEqual(nobodys.things);
  const { nodes } = await the.pgCluster.status();
  expect(nodes.map(({ answers }) => answers)).toEqual([true, true]);
});
