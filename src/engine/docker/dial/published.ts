import type { Dial } from './dial';

/** To ports that the engine publishes on this address. */
export function published(host: string): Dial {
  return {
    how: `at ports published on ${host}`,
    publishOn: host,
    open: async ({ port }) => ({
      endpoint: { host, port },
      from: undefined,
      close: async () => {},
    }),
  };
}
