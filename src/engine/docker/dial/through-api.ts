import type { Address } from '../client/engine-addresses';
import type { Dial } from './dial';
import { askRelay } from './relay';

/**
 * By streams through the engine's own API, one for each connection: nothing is published, and
 * nothing but the API need be within reach.
 */
export function throughApi(engine: Address): Dial {
  return {
    how: 'by streams through the engine’s API',
    publishOn: undefined,
    async open({ name, container, port }, deadline) {
      await askRelay(
        `listen for ${name}`,
        { do: 'open', port, container: container.id, engine },
        deadline,
      );
      return {
        endpoint: { host: '127.0.0.1', port },
        from: undefined,
        whyUnreachable: (by) =>
          askRelay<string | undefined>(`tell of ${name}`, { do: 'why', port }, by),
        close: (by) => askRelay(`forget ${name}`, { do: 'close', port }, by),
      };
    },
  };
}
