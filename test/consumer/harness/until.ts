import { setTimeout as delay } from 'node:timers/promises';

/** Looks again and again until `look` sees what is waited for. */
export async function until(
  what: string,
  look: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const endsAt = performance.now() + deadlineMs;
  while (!(await look())) {
    if (performance.now() > endsAt)
      throw new Error(`waited ${deadlineMs} ms for ${what}, without success`);
    await delay(50);
  }
}
