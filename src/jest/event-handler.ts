import type { Circus } from '@jest/types';
import type { Supervisor } from './supervisor';

/** Whoever else handles these sees the cluster as the test or block has left it. */
const ends = ['test_done', 'run_describe_finish', 'concurrent_tests_end'];

type Handler = (event: Circus.Event, state: Circus.State) => Promise<void>;

/** A handler of Jest's events that has the cluster looked after, whatever `own` does. */
export function supervisedHandler(supervisor: Supervisor, own: Handler): Handler {
  return async (event, state) => {
    if (!ends.includes(event.name)) {
      const begun = supervisor.onEvent(event);
      // Jest does not wait for all events, and what it does not wait for is to be handled now.
      if (begun !== undefined) await begun;
    }
    try {
      await own(event, state);
    } finally {
      await supervisor.onEvent(event);
    }
  };
}
