import { runInNewContext } from 'node:vm';
import type { LedgerReport } from '../../src/cluster/ledger/ledger-book';
import type { ClusterStatus, NodeStatus } from '../../src/cluster/replication/status';
import '../../src/jest/matchers/matchers';

const report = (found: Partial<LedgerReport> = {}): LedgerReport => ({
  node: 'pg1',
  written: 120,
  acknowledged: 110,
  failed: 7,
  unknown: 2,
  unknownPresent: 1,
  inFlight: 1,
  missing: [],
  unexpected: [],
  ...found,
});

function messageOf(check: () => void): string {
  try {
    check();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it passed');
}

describe('toHaveLostNothing', () => {
  test('passes when all is there, whatever became of the unknown', () => {
    expect(report()).toHaveLostNothing();
    expect(report({ missing: [1] })).not.toHaveLostNothing();
    expect(report({ unexpected: [1] })).not.toHaveLostNothing();
  });

  test('says what is missing, what should not be there, and how many are unknown', () => {
    const lost = report({ missing: [17, 18], unexpected: [99] });
    expect(messageOf(() => expect(lost).toHaveLostNothing())).toBe(
      [
        'expect(received).toHaveLostNothing()\n',
        '2 acknowledged writes missing on pg1: 17, 18',
        '1 row on pg1 that nobody sent, or that was refused: 99',
        'Of all: 120 written, 110 acknowledged, 7 failed, 2 unknown (1 of them there), 1 in flight.',
      ].join('\n'),
    );
  });

  test('shortens long lists', () => {
    const missing = Array.from({ length: 1000 }, (_, index) => index);
    expect(messageOf(() => expect(report({ missing })).toHaveLostNothing())).toMatch(
      /1000 acknowledged writes missing on pg1: 0, 1, .*, 19 … and 980 more\n/,
    );
  });

  test('with .not it says that nothing is lost', () => {
    expect(messageOf(() => expect(report()).not.toHaveLostNothing())).toMatch(
      /^expect\(received\)\.not\.toHaveLostNothing\(\)\n\nExpected pg1 to lack/,
    );
  });

  test('fails either way if no write was acknowledged', () => {
    const nothing = report({ acknowledged: 0 });
    for (const check of [
      () => expect(nothing).toHaveLostNothing(),
      () => expect(nothing).not.toHaveLostNothing(),
    ]) {
      expect(messageOf(check)).toMatch(/Nothing was acknowledged, so nothing could be lost: 120/);
    }
  });

  test('accepts a report of another realm, and nothing else', () => {
    const foreign = runInNewContext(`(${JSON.stringify(report())})`);
    expect(foreign).toHaveLostNothing();
    expect(messageOf(() => expect(Promise.resolve(report())).toHaveLostNothing())).toMatch(
      /expects what ledger\.verify\(\) resolves to, not a promise: await it first$/,
    );
    for (const wrong of [undefined, null, 7, {}, { acknowledged: 3 }]) {
      expect(messageOf(() => expect(wrong).not.toHaveLostNothing())).toMatch(/expects what/);
    }
  });

  test('works with resolves', async () => {
    await expect(Promise.resolve(report())).resolves.toHaveLostNothing();
  });
});

describe('toBeStreaming', () => {
  const node = (name: string, found: Partial<NodeStatus> = {}): NodeStatus => ({
    name,
    role: name === 'pg0' ? 'master' : 'slave',
    state: 'running',
    answers: true,
    lsn: '0/3000148',
    receivedLsn: null,
    replayedLsn: '0/3000148',
    timelineId: 1,
    streaming: name !== 'pg0',
    lagBytes: 0,
    lagMs: 0,
    replayPaused: false,
    syncState: null,
    problem: null,
    ...found,
  });
  const status = (...nodes: NodeStatus[]): ClusterStatus => ({ master: 'pg0', nodes });

  test('passes when the master answers and all slaves stream', () => {
    expect(status(node('pg0'), node('pg1'))).toBeStreaming();
    expect(status(node('pg0'))).toBeStreaming();
    expect(status(node('pg0'), node('pg1', { streaming: false }))).not.toBeStreaming();
  });

  test('says what each node lacks', () => {
    const lame = status(
      node('pg0', { state: 'paused', answers: false, problem: 'its container is paused' }),
      node('pg1', { streaming: false }),
      node('pg2'),
    );
    expect(messageOf(() => expect(lame).toBeStreaming())).toBe(
      [
        'expect(received).toBeStreaming()\n',
        'pg0 (master) is paused and does not answer: its container is paused',
        'pg1 (slave) does not stream; it has replayed 0/3000148',
      ].join('\n'),
    );
  });

  test('with .not it says that all is well; it accepts only a status', () => {
    expect(messageOf(() => expect(status(node('pg0'))).not.toBeStreaming())).toMatch(
      /pg0 is the master and all others stream from it/,
    );
    expect(messageOf(() => expect(report()).toBeStreaming())).toMatch(
      /expects what pgCluster\.status\(\) resolves to/,
    );
  });
});
