import { Deadline, poll } from '../../src/base/deadline';

/**
 * Looks again and again until `look` resolves to true. What it resolves to before that, if it is
 * words, is what the error tells after `deadlineMs`.
 */
export function until(
  what: string,
  look: () => boolean | string | Promise<boolean | string>,
  deadlineMs = 10_000,
): Promise<void> {
  return poll({
    deadline: Deadline.in(deadlineMs),
    what,
    intervalMs: 20,
    look: async () => {
      const seen = await look();
      return seen === true ? { done: undefined } : { seen: seen || 'not yet' };
    },
  });
}
