import type { PgQuery } from '../../src/cluster/faults/wire/queries';
import type { PgNode } from '../../src/handle/pg-node';
import { testStartedAt } from '../../src/runner/matchers/test-started-at';
import '../../src/jest/matchers/matchers';

const query = (sql: string, more: Partial<PgQuery> = {}): PgQuery => ({
  sql,
  node: 'pg0',
  applicationName: 'app',
  user: 'testsuite',
  database: 'testsuite',
  pid: 1,
  at: Date.UTC(2026, 0, 1, 12),
  durationMs: 1,
  tag: 'SELECT 1',
  sqlState: null,
  rows: 1,
  ...more,
});

/** A node that ran these; it matches as the wire does, as far as it matters here. */
function nodeThatRan(name: string, ...ran: PgQuery[]): PgNode {
  const queries: PgNode['queries'] = async ({ since = 0, matching = '' } = {}) =>
    ran.filter(({ sql, at }) => at >= since && sql.match(matching));
  return { name, queries } as Partial<PgNode> as PgNode;
}

const messageOf = (check: Promise<unknown>) =>
  check.then(
    () => Promise.reject(new Error('it passed')),
    (error: Error) => error.message,
  );

const globals = globalThis as { [testStartedAt]?: number; pgCluster?: unknown };
afterEach(() => {
  delete globals[testStartedAt];
  delete globals.pgCluster;
});

test('passes when a statement matches, and .not when none does', async () => {
  const node = nodeThatRan('pg0', query('SELECT * FROM orders'));
  await expect(node).toHaveRun(/from orders/i);
  await expect(node).not.toHaveRun(/update/);
});

test('says what was run instead, and where', async () => {
  const master = nodeThatRan('pg0', query('UPDATE orders\n  SET a = 1', { tag: 'UPDATE 1' }));
  const slave = nodeThatRan('pg1', query('SELECT 1/0', { tag: null, sqlState: '22012' }));
  globals.pgCluster = { nodes: [master, slave] };
  await expect(messageOf(expect(slave).toHaveRun(/^update/i))).resolves.toBe(
    [
      'expect(received).toHaveRun(statement)\n',
      'Expected pg1 to run what matches /^update/i.',
      'Clients ran on pg1:',
      '  12:00:00.000  SELECT 1/0  (failed with 22012, app)',
      'pg0 did:',
      '  12:00:00.000  UPDATE orders SET a = 1  (UPDATE 1, app)',
    ].join('\n'),
  );
  await expect(messageOf(expect(master).not.toHaveRun('UPDATE orders'))).resolves.toBe(
    [
      'expect(received).not.toHaveRun(statement)\n',
      "Expected pg0 not to run what matches 'UPDATE orders', but it did:",
      '  12:00:00.000  UPDATE orders SET a = 1  (UPDATE 1, app)',
    ].join('\n'),
  );
});

test('shows the newest of many, and says when there was nothing', async () => {
  const many = Array.from({ length: 25 }, (_, n) => query(`SELECT ${n}`));
  await expect(messageOf(expect(nodeThatRan('pg0', ...many)).toHaveRun('x'))).resolves.toMatch(
    /\n {2}… 15 before these\n {2}12:00:00.000 {2}SELECT 15 /,
  );
  await expect(messageOf(expect(nodeThatRan('pg0')).toHaveRun('x'))).resolves.toMatch(
    /\nClients ran nothing on pg0\.$/,
  );
});

test('counts from the beginning of the test, unless it is told otherwise', async () => {
  const node = nodeThatRan('pg0', query('SELECT 1', { at: 1000 }));
  await expect(node).toHaveRun('SELECT');
  globals[testStartedAt] = 2000;
  await expect(node).not.toHaveRun('SELECT');
  await expect(node).toHaveRun('SELECT', { since: 0 });
});

test('refuses what is no node', async () => {
  await expect(messageOf(expect('pg0').toHaveRun('x'))).resolves.toMatch(
    /expects a node, such as pgCluster\.master, not 'pg0'$/,
  );
});
