import type { Ledger } from '../../../src/cluster/ledger/ledger';
import { figure } from '../../engine/figures';
import { start, useCluster } from '../../support/cluster';
import { failure } from '../../support/failure';
import { rows } from '../../support/rows';

/** A cluster that everything below leaves as it was. */
const the = useCluster({ slaves: 2, synchronous: 0 });
const master = () => the.pgCluster.master;
const slave = () => the.pgCluster.node('pg2');

/** As JavaScript would call it, which no compiler has looked at. */
// biome-ignore lint/suspicious/noExplicitAny: the types forbid all that is tried here
const any = (value: unknown): any => value;

test('a node of another cluster is refused, without showing its password', async () => {
  await using other = await start({ slaves: 0 });
  const { master: foreign } = other.pgCluster;
  const { password } = new URL(foreign.url);
  const refused = await the.pgCluster.rejoin(foreign).catch((error: Error) => error);
  expect(refused).toMatchObject({ code: 'ERR_PG_CLUSTER_ARGUMENT' });
  expect((refused as Error).message).toMatch(/postgres:\/\/testsuite:\*\*\*@(.|\n)* is no node/);
  expect((refused as Error).message).not.toContain(password);
});

type Call = () => unknown;
const argument: [what: string, call: Call, message: RegExp][] = [
  ['node() of no name', () => the.pgCluster.node(any(undefined)), /there is no node undefined/],
  ['node() of a number', () => the.pgCluster.node(any(0)), /there is no node 0; there are pg0/],
  ['url() over no node', () => the.pgCluster.url({ order: [] }), /order .*at least one/],
  ['url() over a string', () => the.pgCluster.url({ order: any('pg0') }), /order .*not 'pg0'/],
  [
    'url() with unknown target_session_attrs',
    () => the.pgCluster.url({ targetSessionAttrs: 'master' }),
    /targetSessionAttrs must be .*'read-write'.*not 'master'/,
  ],
  [
    'an unknown option of url()',
    () => the.pgCluster.url(any({ ordr: ['pg0'] })),
    /"ordr".*"order"/,
  ],
  ['pauseSlave() of -1', () => the.pgCluster.pauseSlave(-1), /no slave with the index -1/],
  ['pauseSlave() of a name', () => the.pgCluster.pauseSlave(any('pg1')), /index 'pg1'/],
  ['unpauseSlave() of 1.5', () => the.pgCluster.unpauseSlave(1.5), /index 1\.5/],
  ['stop() by another mode', () => slave().stop(any('hard')), /'smart' or 'fast'.*not 'hard'/],
  ['stopMaster() by another mode', () => the.pgCluster.stopMaster(any(9)), /not 9/],
  ['restart() by another mode', () => slave().restart(any('FAST')), /not 'FAST'/],
  ['failover() to nobody', () => the.pgCluster.failover({ to: 'pg9' }), /no node "pg9"/],
  ['switchover() to nobody', () => the.pgCluster.switchover({ to: 'pg9' }), /no node "pg9"/],
  ['removeSlave() of nobody', () => the.pgCluster.removeSlave('pg9'), /no node "pg9"/],
  [
    'waitForCatchup() of nobody',
    () => the.pgCluster.waitForCatchup({ node: 'pg9' }),
    /no node "pg9"/,
  ],
  [
    'failover() of null',
    () => the.pgCluster.failover(any(null)),
    /failover\(\): its options must be an object, not null/,
  ],
  ['failover() with force: 1', () => the.pgCluster.failover({ force: any(1) }), /force .*not 1/],
  ['switchover() to nothing', () => the.pgCluster.switchover({ to: any(null) }), /null is no node/],
  ['switchover() with force', () => the.pgCluster.switchover(any({ force: true })), /"force"/],
  ['rejoin() of nothing', () => the.pgCluster.rejoin(any(undefined)), /undefined is no node/],
  ['rejoin() of nobody', () => the.pgCluster.rejoin('pg9'), /no node "pg9"/],
  ['addSlave() of a number', () => the.pgCluster.addSlave(any(2)), /must be an object.*not 2/],
  ['addSlave() with an unknown key', () => the.pgCluster.addSlave(any({ sync: true })), /"sync"/],
  ['addSlave() below no node', () => the.pgCluster.addSlave({ upstream: 'pg9' }), /no node "pg9"/],
  [
    'addSlave() with our setting',
    () => the.pgCluster.addSlave({ settings: { port: 1 } }),
    /settings cannot have port/,
  ],
  ['removeSlave() of nothing', () => the.pgCluster.removeSlave(any(undefined)), /is no node/],
  ['waitForCatchup() of -1 ms', () => the.pgCluster.waitForCatchup({ timeoutMs: -1 }), /-1/],
  [
    'waitForCatchup() of NaN ms',
    () => the.pgCluster.waitForCatchup({ timeoutMs: Number.NaN }),
    /timeoutMs must be .*NaN/,
  ],
  ['waitForCatchup() of a slave', () => the.pgCluster.waitForCatchup(any(slave())), /unknown/],
  ['ledger() of a number', () => the.pgCluster.ledger(any(5)), /not 5/],
  ['ledger() with an unknown option', () => the.pgCluster.ledger(any({ speed: 1 })), /"speed"/],
  ['snapshot() of a number', () => the.pgCluster.snapshot(any(1)), /name .*not 1/],
  ['snapshot() of an empty name', () => the.pgCluster.snapshot(''), /name .*not ''/],
  ['restore() of an unknown snapshot', () => the.pgCluster.restore('then'), /no snapshot "then"/],
  ['disconnect() from nobody', () => slave().disconnect({ from: any('master') }), /'master'/],
  ['disconnect() of a string', () => slave().disconnect(any('clients')), /not 'clients'/],
  ['delayReplay() of -1', () => slave().delayReplay(-1), /-1/],
  ['delayReplay() of text', () => slave().delayReplay(any('5s')), /'5s'/],
  ['delayReplay() of nothing', () => slave().delayReplay(any(undefined)), /undefined/],
  ['readOnly() of text', () => master().readOnly(any('off')), /not 'off'/],
  ['query() of nothing', () => master().query(any(undefined)), /sql .*not undefined/],
  ['query() with no array', () => master().query('SELECT $1', any('a')), /params .*not 'a'/],
];

test.each(argument)('%s', async (_, call, message) => {
  const before = the.pgCluster.timeline.length;
  await expect((async () => call())()).rejects.toMatchObject({
    name: 'PgClusterError',
    code: 'ERR_PG_CLUSTER_ARGUMENT',
    message: expect.stringMatching(message),
  });
  expect(the.pgCluster.timeline.slice(before).filter(({ outcome }) => outcome === 'done')).toEqual(
    [],
  );
  figure('bad inputs refused');
});

describe('whatever the method, arguments that it does not know are refused', () => {
  /** What there is of methods is found here, so that none can be forgotten. */
  const methodsOf = (handle: object) =>
    Object.entries(handle).filter(([, value]) => typeof value === 'function') as [
      string,
      (...args: unknown[]) => unknown,
    ][];
  const unknown = { bogus: 1 };
  let ledger: Ledger;
  beforeAll(async () => {
    ledger = await the.pgCluster.ledger();
  });
  afterAll(() => ledger.stop());

  test.each<[string, () => object, number]>([
    ['pgCluster', () => the.pgCluster, 21],
    ['a node', () => slave(), 20],
    ['a ledger', () => ledger, 3],
  ])('%s', async (_, handle, atLeast) => {
    const methods = methodsOf(handle());
    expect(methods.length).toBeGreaterThanOrEqual(atLeast);
    const before = the.pgCluster.timeline.length;
    for (const [name, method] of methods) {
      for (const args of [[unknown], [undefined, undefined, undefined, undefined, unknown]]) {
        await expect((async () => method(...args))()).rejects.toMatchObject({
          code: 'ERR_PG_CLUSTER_ARGUMENT',
          message: expect.stringMatching(
            new RegExp(`^${name}\\(\\): |there is no (node|slave)|is no node of this cluster`),
          ),
        });
        figure('bad inputs refused');
      }
    }
    expect(the.pgCluster.timeline).toHaveLength(before);
  });

  test.each<[string, Call, RegExp]>([
    ['a misspelt option', () => ledger.waitFor('failed', 1, any({ timoutMs: 5 })), /"timeoutMs"/],
    ['a bad value of one', () => ledger.waitFor('failed', 1, any({ timeoutMs: 'x' })), /not 'x'/],
    [
      'options in place of a count',
      () => ledger.waitFor('failed', any({})),
      /count must be .*not {}/,
    ],
    ['an unknown outcome', () => ledger.waitFor(any('lost')), /'unknown'.*not 'lost'/],
    [
      'options of a method that takes none',
      () => slave().reconnect(...(any([{ application: 'app' }]) as [])),
      /^reconnect\(\): it takes no arguments, and got { application: 'app' } besides$/,
    ],
  ])('%s', async (_, call, message) => {
    await expect((async () => call())()).rejects.toMatchObject(failure('ARGUMENT', message));
  });
});

const state: [what: string, call: Call, message: RegExp][] = [
  ['promote() of the master', () => master().promote(), /^pg0 .*master/],
  ['rejoin() of the master', () => the.pgCluster.rejoin(master()), /^pg0 .*master/],
  ['removeSlave() of the master', () => the.pgCluster.removeSlave(master()), /^pg0 .*master/],
  ['failover() while the master runs', () => the.pgCluster.failover(), /pg0 .*runs.*force/],
  ['pauseReplay() of the master', () => master().pauseReplay(), /^pg0 .*master/],
  ['delayReplay() of the master', () => master().delayReplay(5), /^pg0 .*master/],
  ['readOnly() of a slave', () => slave().readOnly(), /^pg2 .*slave/],
];

test.each(state)('%s', async (_, call, message) => {
  await expect((async () => call())()).rejects.toMatchObject(failure('STATE', message));
  figure('bad inputs refused');
});

/** Of calls at once each is either done or refused for a reason that it tells. */
const contradictions: [what: string, calls: () => Promise<unknown>[]][] = [
  ['pause and stop', () => [slave().pause(), slave().stop(), slave().unpause()]],
  ['kill and start', () => [slave().kill(), slave().start(), slave().kill()]],
  [
    'two switchovers',
    () => [the.pgCluster.switchover(), the.pgCluster.switchover({ to: slave() })],
  ],
  ['failover and switchover', () => [the.pgCluster.failover(), the.pgCluster.switchover()]],
  ['removal and pause', () => [the.pgCluster.removeSlave(slave()), slave().pause()]],
  [
    'reset and everything',
    () => [
      the.pgCluster.reset(),
      master().pause(),
      the.pgCluster.addSlave(),
      the.pgCluster.reset(),
      slave().kill(),
      the.pgCluster.heal(),
    ],
  ],
  ['snapshot and kill', () => [the.pgCluster.snapshot(), the.pgCluster.killMaster()]],
];

test.each(contradictions)('at once: %s', async (_, calls) => {
  await the.pgCluster.reset();
  await master().query('CREATE TABLE kept AS SELECT 1 AS a');
  await the.pgCluster.waitForCatchup();
  for (const outcome of await Promise.allSettled(calls())) {
    if (outcome.status === 'fulfilled') continue;
    expect(outcome.reason).toMatchObject({ code: expect.stringMatching(/^ERR_PG_CLUSTER_/) });
  }
  await the.pgCluster.heal();
  const { nodes } = await the.pgCluster.status();
  expect(nodes.map(({ answers }) => answers)).not.toContain(false);
  expect(nodes.filter(({ role }) => role === 'master')).toHaveLength(1);
  await master().query('CREATE TABLE IF NOT EXISTS goes_on (a int)');
  await the.pgCluster.waitForCatchup();
  for (const url of the.pgCluster.slaveUrls) {
    await expect(rows(url, 'SELECT count(*) FROM goes_on')).resolves.toHaveLength(1);
  }
});

test('a node that was removed says so, whatever is asked of it', async () => {
  await the.pgCluster.reset();
  const removed = await the.pgCluster.addSlave();
  const { name } = removed;
  await the.pgCluster.removeSlave(removed);
  const calls: Call[] = [
    () => removed.pause(),
    () => removed.start(),
    () => removed.kill(),
    () => removed.query('SELECT 1'),
    () => removed.logs(),
    () => removed.promote(),
    () => removed.disconnect(),
    () => removed.exhaustConnections(),
    () => the.pgCluster.rejoin(removed),
    () => the.pgCluster.removeSlave(removed),
    () => the.pgCluster.waitForCatchup({ node: removed }),
    () => the.pgCluster.switchover({ to: removed }),
    () => the.pgCluster.url({ order: [name] }),
  ];
  for (const call of calls) {
    await expect((async () => call())()).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_PG_CLUSTER_(STATE|ARGUMENT)$/),
      message: expect.stringMatching(new RegExp(`${name} was removed|no node "${name}"`)),
    });
    figure('bad inputs refused');
  }
});
