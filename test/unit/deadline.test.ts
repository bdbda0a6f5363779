import { Deadline, formatMs, poll, within } from '../../src/base/deadline';

const timeout = { code: 'ERR_PG_CLUSTER_TIMEOUT' };

test('within returns the result of work that finishes in time', async () => {
  await expect(within(Deadline.in(1000), 'it', async () => 7)).resolves.toBe(7);
});

test('within rejects at the deadline, names the work, and aborts it', async () => {
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

test('a rejection after the deadline is not unhandled', async () => {
  let fail: (error: Error) => void = () => {};
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  await expect(within(Deadline.in(5), 'it', () => late)).rejects.toMatchObject(timeout);
  fail(new Error('late'));
  // Jest fails a test under which a rejection is unhandled.
  await new Promise((resolve) => setImmediate(resolve));
});

test('poll looks until it sees what it waits for', async () => {
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

test('durations are written for people to read', () => {
  expect([0.4, 85, 999, 1240].map(formatMs)).toEqual(['0 ms', '85 ms', '999 ms', '1.2 s']);
});
