import type { Circus } from '@jest/types';
import type { Supervisor } from './supervisor';

/** On these, a subclass sees the cluster as the test or block left it. */
const ends = [
  'test_fn_success',
  'test_fn_failure',
  'test_done',
  'run_describe_finish',
  'concurrent_tests_end',
];

type Handler = (event: Circus.Event, state: Circus.State) => Promise<void>;

/**
 * Calls the environment's own handler, and the supervisor at the right moment, whatever `own` does.
 */
export function supervisedHandler(supervisor: Supervisor, own: Handler): Handler {
  return async (event, state) => {
    if (!ends.includes(event.name)) {
      const begun = supervisor.onEvent(event);
      // Jest does not wait for every event, so nothing may be deferred unless there is work to
      // await.
      if (begun !== undefined) await begun;
    }
    try {
      await own(event, state);
    } finally {
      await supervisor.onEvent(event);
    }
  };
}
