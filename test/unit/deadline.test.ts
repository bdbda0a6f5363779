import { Deadline, formatMs, poll, within } from '../../src/base/deadline';

const timeout = { code: 'ERR_PG_CLUSTER_TIMEOUT' };

test('within gives the result of work that is done in time', async () => {
  await expect(within(Deadline.in(1000), 'it', async () => 7)).resolves.toBe(7);
});

test('within ends work at the deadline, says what it was, and aborts it', async () => {
  let aborted = false;
  const never = within(Deadline.in(20), 'the slow one', (signal) => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    return new Promise(() => {});
  });
  await expect(never).rejects.toMatchObject({
    ...timeout,
    message: expect.stringContaining('for the slow one'),
  });
  expect(aborted).toBe(true);
});

test('a rejection that comes after the deadline harms nobody', async () => {
  const seen: unknown[] = [];
  const note = (error: unknown) => seen.push(error);
  process.on('unhandledRejection', note);
  let fail: (error: Error) => void = () => {};
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  await expect(within(Deadline.in(5), 'it', () => late)).rejects.toMatchObject(timeout);
  fail(new Error('late'));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(seen).toEqual([]);
});

test('poll looks until it sees', async () => {
  let looks = 0;
  const result = await poll({
    deadline: Deadline.in(1000),
    what: 'three looks',
    intervalMs: 1,
    look: async () => {
      looks += 1;
      return looks === 3 ? { done: 'seen' } : { seen: `look ${looks}` };
    },
  });
  expect(result).toBe('seen');
  expect(looks).toBe(3);
});

test('poll says what it waited for and what it saw last', async () => {
  await expect(
    poll({
      deadline: Deadline.in(20),
      what: 'the moon',
      intervalMs: 5,
      look: async () => ({ seen: 'clouds' }),
    }),
  ).rejects.toMatchObject({
    ...timeout,
    message: expect.stringMatching(/^waited \d+ ms for the moon; last seen: clouds$/),
  });
});

test('the inner deadline is never later than the outer', () => {
  expect(Deadline.in(50).atMost(10_000).remainingMs).toBeLessThanOrEqual(50);
  expect(Deadline.in(10_000).atMost(50).remainingMs).toBeLessThanOrEqual(50);
});

test('milliseconds are written as people read them', () => {
  expect([0.4, 85, 999, 1240].map(formatMs)).toEqual(['0 ms', '85 ms', '999 ms', '1.2 s']);
});
