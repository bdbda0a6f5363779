import { figure } from '../../../engine/figures';
import '../../../../src/jest/matchers/matchers';
import { useCluster } from '../../../support/cluster';

const the = useCluster({ slaves: 0 });

const cuts = 1000;

test(`of ${cuts} writes whose reply was lost, the ledger books none wrongly`, async () => {
  const { pgCluster } = the;
  const ledger = await pgCluster.ledger({ connections: 4, intervalMs: 0, timeoutMs: 5000 });
  await ledger.waitFor('acknowledged', 10);
  // It counts from its call, so it begins before the first write can be cut.
  const allCut = ledger.waitFor('unknown', cuts, { timeoutMs: 120_000 });
  const trap = await pgCluster.master.cutAt(/^insert/i, { times: cuts });
  await allCut;
  await ledger.waitFor('acknowledged', 10);
  await ledger.stop();
  const report = await ledger.verify();
  expect(trap.hits).toHaveLength(cuts);
  expect(trap.hits.every(({ tag }) => tag === 'INSERT 0 1')).toBe(true);
  expect(report).toHaveLostNothing();
  // All of them are there, whatever their clients believe.
  expect(report).toMatchObject({ unknown: cuts, unknownPresent: cuts });
  figure('writes whose reply was lost', cuts);
});

test('of writes that were lost themselves, none is there', async () => {
  const { pgCluster } = the;
  const ledger = await pgCluster.ledger({ connections: 4, intervalMs: 0, timeoutMs: 5000 });
  await ledger.waitFor('acknowledged', 10);
  const allCut = ledger.waitFor('unknown', 100, { timeoutMs: 120_000 });
  const trap = await pgCluster.master.cutAt(/^insert/i, { times: 100, lose: 'request' });
  await allCut;
  await ledger.stop();
  const report = await ledger.verify();
  expect(trap.hits).toHaveLength(100);
  expect(report).toHaveLostNothing();
  expect(report).toMatchObject({ unknown: 100, unknownPresent: 0 });
});
