import { formatMs } from '../base/deadline';
import { messageOf } from '../base/errors';

/** Something that was done to the cluster. */
export interface ClusterEvent {
  /** What was done: `'start'`, `'pause'`, `'unpause'`, `'heal'` … */
  readonly act: string;
  /** The node; undefined if it was done to the whole cluster. */
  readonly node: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Undefined while it is under way. */
  readonly endedAt: number | undefined;
  /** `'unchanged'`: nothing had to be done. */
  readonly outcome: 'under way' | 'done' | 'unchanged' | 'failed';
  /** Why it failed, or what is worth knowing. */
  readonly detail: string | undefined;
  /** The test or block that was running. */
  readonly during: string | undefined;
}

/** Adds to an event on the timeline. */
export type Tell = (o: { outcome?: 'unchanged'; detail?: string; forget?: true }) => void;

/** Hears of events; it gets the same object at both times. */
export interface TimelineWatcher {
  begun(event: ClusterEvent): void;
  ended(event: ClusterEvent): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What happened to a cluster, in the order in which it began. */
export class Timeline {
  readonly #events: Mutable<ClusterEvent>[] = [];
  #onBegun: () => void = () => {};

  #watcher: TimelineWatcher | undefined;

  watchedBy(watcher: TimelineWatcher | undefined): void {
    this.#watcher = watcher;
  }

  /** Calls `listener` for each event before the event has any effect. */
  whenBegun(listener: () => void): void {
    this.#onBegun = listener;
  }

  get events(): readonly ClusterEvent[] {
    return this.#events.map((event) => Object.freeze({ ...event }));
  }

  /**
   * Runs `work` and records it. `work` may say that nothing had to be done, or a detail, or that
   * the event is not worth keeping.
   */
  async record<T>(
    about: {
      act: string;
      node?: string | undefined;
      during?: string | undefined;
      /** The watcher hears of it in another way, which tells more. */
      isTold?: true;
    },
    work: (tell: Tell) => Promise<T>,
  ): Promise<T> {
    const event: Mutable<ClusterEvent> = {
      act: about.act,
      node: about.node,
      startedAt: Date.now(),
      endedAt: undefined,
      outcome: 'under way',
      detail: undefined,
      during: about.during,
    };
    this.#events.push(event);
    this.#onBegun();
    if (!about.isTold) this.#watcher?.begun(event);
    let outcome: ClusterEvent['outcome'] = 'done';
    try {
      return await work((told) => {
        outcome = told.outcome ?? outcome;
        event.detail = told.detail ?? event.detail;
        if (!told.forget) return;
        this.#events.splice(this.#events.indexOf(event), 1);
        outcome = 'unchanged';
      });
    } catch (error) {
      outcome = 'failed';
      event.detail = messageOf(error);
      throw error;
    } finally {
      event.endedAt = Date.now();
      event.outcome = outcome;
      if (!about.isTold) this.#watcher?.ended(event);
    }
  }
}

/** The timeline as a table, a line an event, from `since` (milliseconds since the epoch) on. */
export function formatTimeline(events: readonly ClusterEvent[], since = 0): string {
  return events
    .filter((event) => (event.endedAt ?? Number.POSITIVE_INFINITY) >= since)
    .map((event) => {
      const took =
        event.endedAt === undefined ? 'under way' : formatMs(event.endedAt - event.startedAt);
      const outcome = event.outcome === 'done' ? '' : `  ${event.outcome}`;
      const detail = event.detail === undefined ? '' : `: ${event.detail}`;
      return `${timeOfDay(event.startedAt)}  ${(event.node ?? 'cluster').padEnd(7)}  ${event.act.padEnd(8)}  ${took.padStart(8)}${outcome}${detail}`;
    })
    .join('\n');
}

/** As in the servers' logs, which are in UTC. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
