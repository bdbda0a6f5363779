import type { FaultBook } from './fault-book';
import type { Tell, Timeline } from './timeline';

/** Something that is being done to the cluster. */
export interface ActUnderWay {
  readonly act: string;
  readonly node: string | undefined;
  /** Whether it began while a test was running. */
  readonly inTest: boolean;
  /** Who called, a line each. */
  readonly calledFrom: string;
  /** Resolves when it has ended, well or badly. */
  readonly over: Promise<unknown>;
}

/** What is being done to a cluster, each act on the timeline. */
export class Acts {
  readonly #timeline: Timeline;
  readonly #faults: FaultBook;
  readonly #underWay = new Set<ActUnderWay>();

  constructor(timeline: Timeline, faults: FaultBook) {
    this.#timeline = timeline;
    this.#faults = faults;
  }

  /** What has begun and is not over. */
  get underWay(): readonly ActUnderWay[] {
    return [...this.#underWay];
  }

  /** `work` resolves to false when nothing had to be done. */
  async record(
    about: { act: string; node?: string },
    work: (tell: Tell) => Promise<boolean>,
  ): Promise<void> {
    const { during, testsRunning } = this.#faults;
    const recorded = this.#timeline.record({ ...about, during }, async (tell) => {
      if (!(await work(tell))) tell({ outcome: 'unchanged' });
    });
    const underWay: ActUnderWay = {
      act: about.act,
      node: about.node,
      inTest: testsRunning > 0,
      calledFrom: callers(),
      over: recorded.catch(() => {}),
    };
    this.#underWay.add(underWay);
    try {
      await recorded;
    } finally {
      this.#underWay.delete(underWay);
    }
  }
}

function callers(): string {
  const site: { stack?: string } = {};
  Error.captureStackTrace(site, callers);
  return (site.stack ?? '').split('\n').slice(1).join('\n');
}
