const save = (text) => pgCluster.master.query('INSERT INTO notes VALUES ($1)', [text]);
const list = async (node) => {
  const rows = await node.query('SELECT text FROM notes ORDER BY text');
  return rows.map(({ text }) => text);
};
const onSlave = () => list(pgCluster.slaves[0]);

beforeAll(async () => {
  await pgCluster.master.query('CREATE TABLE notes (text text)');
  await save('a: of beforeAll');
  await pgCluster.snapshot();
}, 60_000);

beforeEach(async () => {
  await pgCluster.master.query("DELETE FROM notes WHERE text > 'b'");
  await save('b: of beforeEach');
});

// Without waitForCatchup, which would let all through: replay goes on by itself.
afterEach(async () => {
  const [slave] = pgCluster.slaves;
  if (slave.state !== 'running') return;
  const wanted = String(await list(pgCluster.master));
  const end = Date.now() + 3000;
  while (String(await list(slave)) !== wanted) {
    if (Date.now() > end) throw new Error(`the slave has ${await list(slave)}, not ${wanted}`);
  }
});

const fixtures = ['a: of beforeAll', 'b: of beforeEach'];

test('the slave has what the hooks wrote', async () => {
  expect(await onSlave()).toEqual(fixtures);
  const { nodes } = await pgCluster.status();
  expect(nodes.map(({ replayPaused }) => replayPaused)).toEqual([null, true]);
});

test('code that reads its own write from the slave', async () => {
  await save('c: of the test');
  expect(await onSlave()).toContain('c: of the test');
});

test('the same after waitForCatchup', async () => {
  await save('c: of the test');
  await pgCluster.waitForCatchup();
  expect(await onSlave()).toEqual([...fixtures, 'c: of the test']);
  await save('d: of the test');
  expect(await onSlave()).toEqual([...fixtures, 'c: of the test']);
});

test('a test that hangs', async () => {
  await new Promise(() => {});
}, 300);

test('the next one is as usual', async () => {
  await save('c: of the test');
  expect(await onSlave()).toEqual(fixtures);
});

describe('a hook that fails', () => {
  beforeEach(() => {
    throw new Error('on purpose');
  });
  test('fails its test', () => {});
});

describe('with a fault of beforeAll', () => {
  beforeAll(() => pgCluster.slaves[0].pause());
  test('the slave is left alone', async () => {
    await expect(onSlave()).rejects.toThrow('unpause it first');
  });
});

test('a test may pause and resume by itself', async () => {
  const [slave] = pgCluster.slaves;
  await slave.pauseReplay();
  await save('c: of the test');
  await expect(pgCluster.waitForCatchup({ timeoutMs: 300 })).rejects.toThrow('resumeReplay()');
  expect(await onSlave()).toEqual(fixtures);
  await slave.resumeReplay();
  await pgCluster.waitForCatchup();
  expect(await onSlave()).toEqual([...fixtures, 'c: of the test']);
});

// Jest runs no beforeEach for them.
describe('concurrent', () => {
  test.concurrent.each([1, 2, 3])('number %i', async (number) => {
    await save(`c: number ${number}`);
    expect(await onSlave()).not.toContain(`c: number ${number}`);
  });
});

test('a failover loses nothing', async () => {
  await save('c: of the test');
  await pgCluster.killMaster();
  await pgCluster.failover();
  expect(await list(pgCluster.master)).toEqual([...fixtures, 'c: of the test']);
});

test('after it the slave is another', async () => {
  await save('c: of the test');
  expect(await onSlave()).toEqual(fixtures);
});
