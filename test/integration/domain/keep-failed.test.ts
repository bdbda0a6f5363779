import { notedDoors } from '../../../src/prompt/door-file';
import { keepFailed } from '../../../src/runner/keep-failed';
import { useCluster } from '../../support/cluster';
import { until } from '../../support/until';

const the = useCluster({ slaves: 0 });
const folder = __dirname;
const doorsHere = () => notedDoors().filter((door) => door.folder === folder);

test('the cluster of a failed test is given up if nobody comes for as long as that', async () => {
  const kept = keepFailed(the.cluster, 'a test', folder, 2000);
  await until('a way in', () => doorsHere().length === 1);
  expect(doorsHere()[0]?.what).toBe('“a test”');
  await kept;
  expect(doorsHere()).toEqual([]);
  // Its tests go on.
  expect(await the.pgCluster.master.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
});
