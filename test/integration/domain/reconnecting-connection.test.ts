import { Deadline, poll } from '../../../src/base/deadline';
import { useCluster } from '../../support/cluster';

/** The one connection over which the handle itself asks a node. */
const the = useCluster({ slaves: 0 });
const soon = () => Deadline.in(10_000);
const sql = (text: string, deadline = soon()) =>
  the.cluster.master.sql<Record<string, unknown>>(text, [], deadline);
/** How often `nextval('public.runs')` was run; no rollback takes that back. */
const runs = async () => {
  const [row] = await sql(
    'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM public.runs',
  );
  return Number(row?.n);
};

beforeEach(async () => {
  await sql('DROP SEQUENCE IF EXISTS public.runs');
  await sql('CREATE SEQUENCE public.runs');
});

/** The session whose last statement begins so. */
async function sessionOf(statement: string): Promise<number> {
  return poll({
    deadline: soon(),
    what: `a session that runs ${statement}`,
    intervalMs: 5,
    look: async () => {
      const [row] = await the.pgCluster.master.query<{ pid: number }>(
        'SELECT pid FROM pg_stat_activity WHERE starts_with(query, $1)',
        [statement],
      );
      return row ? { done: row.pid } : { seen: 'none' };
    },
  });
}

const endSession = (pid: number) =>
  the.pgCluster.master.query('SELECT pg_terminate_backend($1, 5000)', [pid]);

test('a statement is not run again when its connection is lost under it', async () => {
  const statement = `SELECT nextval('public.runs'), pg_sleep(30)`;
  const slow = sql(statement);
  slow.catch(() => {});
  const pid = await sessionOf(statement);
  the.cluster.master.close();
  await expect(slow).rejects.toThrow('Connection terminated');
  expect(await runs()).toBe(1);
  // It has not noticed, and keeps a lock.
  await endSession(pid);
});

test('a connection that was lost while nobody used it is opened again', async () => {
  await sql('SELECT 17');
  await endSession(await sessionOf('SELECT 17'));
  await expect(sql(`SELECT nextval('public.runs')::int AS n`)).resolves.toEqual([{ n: 1 }]);
});

test('a caller that runs out of time ends only its own wait, and its statement never runs', async () => {
  const slow = sql(`SELECT nextval('public.runs')::int AS n FROM pg_sleep(0.5)`);
  await expect(sql(`SELECT nextval('public.runs')`, Deadline.in(50))).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_TIMEOUT',
  });
  await expect(slow).resolves.toEqual([{ n: 1 }]);
  expect(await runs()).toBe(1);
});

test('a statement that takes too long does not take others with it', async () => {
  const slow = sql('SELECT pg_sleep(30)', Deadline.in(300));
  const other = sql(`SELECT nextval('public.runs')::int AS n`);
  await expect(slow).rejects.toMatchObject({ code: 'ERR_PG_CLUSTER_TIMEOUT' });
  await expect(other).resolves.toEqual([{ n: 1 }]);
});
