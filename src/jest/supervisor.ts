import type { Circus } from '@jest/types';
import type { Supervision } from '../runner/supervision';
import { supervisedHook, supervisedTest } from './supervised-entries';
import { blockName } from './test-names';

/** Tells the supervision of one file what Jest's events are about. */
export class Supervisor {
  readonly #supervision: Supervision;
  readonly #handled = new WeakMap<Circus.Event, Promise<void> | undefined>();

  constructor(supervision: Supervision) {
    this.#supervision = supervision;
  }

  /** Handles each event once, however often it is called. Undefined: nothing to wait for. */
  onEvent(event: Circus.Event): Promise<void> | undefined {
    if (!this.#handled.has(event)) this.#handled.set(event, this.#handle(event));
    return this.#handled.get(event);
  }

  #handle(event: Circus.Event): Promise<void> | undefined {
    const supervision = this.#supervision;
    switch (event.name) {
      // Jest does not wait for this one, and writes the error down right after it.
      case 'error':
        supervision.uncaught(event.error);
        return undefined;
      // Not test_start: that comes for skipped tests too, and has no test_done.
      case 'test_started':
        return supervision.testStarts(supervisedTest(event.test));
      case 'test_fn_start':
        return supervision.bodyStarts(supervisedTest(event.test));
      case 'test_fn_success':
      case 'test_fn_failure':
        return supervision.bodyEnds(supervisedTest(event.test));
      case 'test_done':
        return supervision.testDone(supervisedTest(event.test));
      case 'concurrent_tests_start':
        supervision.groupStarts();
        return undefined;
      case 'concurrent_tests_end':
        return supervision.groupEnds(blockName(event.describeBlock));
      case 'hook_start':
        return supervision.hookStarts(supervisedHook(event.hook));
      case 'hook_success':
      case 'hook_failure':
        return supervision.hookEnds(
          supervisedHook(event.hook),
          'error' in event ? event.error : undefined,
        );
      case 'run_describe_start':
        supervision.blockStarts(blockName(event.describeBlock));
        return undefined;
      case 'run_describe_finish':
        return supervision.blockEnds(blockName(event.describeBlock), !event.describeBlock.parent);
      default:
        return undefined;
    }
  }
}
