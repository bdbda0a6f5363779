/** More than any timer counts; it only has to be there. */
const longMs = 2_147_483_647;

/**
 * The result of `work`, during which this process does not end by itself: connections to engines and
 * nodes do not keep it alive, and a script has nothing else that does.
 */
export async function stayingAlive<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, longMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
