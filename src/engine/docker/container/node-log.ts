import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { type LogEntry, logEntries } from '../../../postgres/server-log';
import { containerLog } from './container-log';

/** The time in which a container was the node's. */
interface Turn {
  readonly container: Docker.Container;
  readonly from: number;
  until: number;
}

/** The log of a node whose containers may take turns: of each what it logged in its turns. */
export class NodeLog {
  readonly #node: string;
  readonly #turns: Turn[];
  /** Of containers that are gone. */
  readonly #kept = new Map<Docker.Container, LogEntry[]>();

  /** @param container its first */
  constructor(node: string, container: Docker.Container) {
    this.#node = node;
    this.#turns = [{ container, from: 0, until: Infinity }];
  }

  /** The container is the node's from now on. */
  turnTo(container: Docker.Container): void {
    const now = Date.now();
    const last = this.#turns.at(-1);
    if (last) last.until = now;
    this.#turns.push({ container, from: now, until: Infinity });
  }

  /** What was logged from `from` (milliseconds since the epoch) on. */
  async since(from: number, deadline: Deadline): Promise<string> {
    const turns = this.#turns.filter(({ until }) => until >= from);
    const [only] = turns;
    if (only && turns.length === 1 && only.from <= from && !this.#kept.has(only.container)) {
      return containerLog(only.container, this.#node, from, deadline);
    }
    const containers = new Set(turns.map(({ container }) => container));
    const logs = new Map(
      await Promise.all(
        [...containers].map(async (container) => {
          return [container, await this.#entriesOf(container, from, deadline)] as const;
        }),
      ),
    );
    return turns.map((turn) => linesIn(turn, from, logs.get(turn.container) ?? [])).join('');
  }

  /** The container is about to be removed. What it logged in its turns stays. */
  async keep(container: Docker.Container, deadline: Deadline): Promise<void> {
    const first = this.#turns.find((turn) => turn.container === container);
    if (!first) return;
    this.#kept.set(container, await this.#entriesOf(container, first.from, deadline));
  }

  async #entriesOf(
    container: Docker.Container,
    from: number,
    deadline: Deadline,
  ): Promise<LogEntry[]> {
    const kept = this.#kept.get(container);
    if (kept) return kept;
    const text = await containerLog(container, this.#node, from, deadline);
    return text === '' ? [] : logEntries(text.replace(/\n$/, ''));
  }
}

/** What was logged in a turn. An entry that tells no time belongs to the one before it. */
function linesIn({ from, until }: Turn, since: number, entries: readonly LogEntry[]): string {
  const begin = Math.max(from, since);
  let isIn = from <= since;
  return entries
    .filter(({ at }) => {
      if (at !== undefined) isIn = at >= begin && at < until;
      return isIn;
    })
    .map(({ lines }) => `${lines.join('\n')}\n`)
    .join('');
}
