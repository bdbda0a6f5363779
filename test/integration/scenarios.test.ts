import '../../src/jest/matchers/matchers';
import { start } from '../support/cluster';

describe('the master crashes under load, and a slave takes over', () => {
  test('with a synchronous slave, nothing that was acknowledged is lost', async () => {
    await using the = await start({ slaves: 1, synchronous: 1 });
    const { pgCluster } = the;
    const ledger = await pgCluster.ledger({ timeoutMs: 500 });
    await ledger.waitFor('acknowledged', 50);
    const cut = ledger.waitFor('failed');
    await pgCluster.killMaster();
    await cut;
    await pgCluster.failover();
    await pgCluster.heal();
    await ledger.waitFor('acknowledged', 20);
    await ledger.stop();
    expect(await ledger.verify()).toHaveLostNothing();
  });

  test('without one, what the slave had not yet received is lost, and the ledger shows it', async () => {
    await using the = await start({ slaves: 1 });
    const { pgCluster } = the;
    const ledger = await pgCluster.ledger({ timeoutMs: 500 });
    await ledger.waitFor('acknowledged', 20);
    await pgCluster.node('pg1').kill();
    await ledger.waitFor('acknowledged', 20);
    await pgCluster.killMaster();
    await pgCluster.node('pg1').start();
    await pgCluster.failover();
    await ledger.stop();
    const report = await ledger.verify();
    expect(report.missing.length).toBeGreaterThanOrEqual(20);
    expect(report.unexpected).toEqual([]);
    expect(report).not.toHaveLostNothing();
  });
});
