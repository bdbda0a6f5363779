import type { Circus } from '@jest/types';
import { type Cluster, formatHealed } from './cluster/cluster';
import type { Fault } from './cluster/faults';
import { formatTimeline, timeOfDay } from './cluster/timeline';
import { messageOf } from './errors';
import { Isolation } from './isolation';
import { explainLostConnection } from './lost-connections';
import type { ResolvedOptions } from './options';
import { say } from './progress';

type SupervisorOptions = Pick<ResolvedOptions, 'heal' | 'logs' | 'isolation'>;

/**
 * Watches the tests of one file: heals what they leave, isolates them from each other if that is
 * wanted, prints what is known when one fails.
 */
export class Supervisor {
  readonly #cluster: Cluster;
  readonly #options: SupervisorOptions;
  readonly #file: string;
  /** Where the next test's span begins: hooks before a test belong to it. */
  #since = Date.now();

  readonly #isolation: Isolation | undefined;

  constructor(cluster: Cluster, options: SupervisorOptions, file: string) {
    this.#cluster = cluster;
    this.#isolation = options.isolation === 'test' ? new Isolation(cluster) : undefined;
    this.#options = options;
    this.#file = file;
  }

  async onEvent(event: Circus.AsyncEvent): Promise<void> {
    switch (event.name) {
      // Not test_start: that comes for skipped tests too, and has no test_done.
      case 'test_started':
        await this.#isolation?.beforeTest();
        this.#cluster.faults.testStarted(fullName(event.test));
        break;
      case 'test_done':
        await this.#onTestDone(event.test);
        break;
      case 'hook_start':
        if (event.hook.type === 'beforeAll') await this.#isolation?.beforeHook();
        break;
      case 'run_describe_start':
        this.#isolation?.blockStarted();
        this.#cluster.faults.blockStarted(fullName(event.describeBlock) || 'the file');
        break;
      case 'run_describe_finish': {
        const name = fullName(event.describeBlock) || 'the file';
        const left = this.#cluster.faults.blockFinished();
        this.#isolation?.blockFinished();
        // At the end of the file nobody is left to heal for.
        if (event.describeBlock.parent) await this.#heal(left, name);
        break;
      }
    }
  }

  /** An exception that nobody caught, before Jest writes it down. */
  onUncaught(error: unknown): void {
    explainLostConnection(error, this.#cluster.timeline.events);
  }

  /** The whole log, if that is wanted. */
  async atEnd(): Promise<void> {
    if (this.#options.logs === 'always') await this.#print(`all of ${this.#file}`, 0);
  }

  async #onTestDone(test: Circus.TestEntry): Promise<void> {
    const name = fullName(test);
    const left = this.#cluster.faults.testDone(name);
    if (this.#options.logs === 'on-failure' && test.errors.length > 0) {
      await this.#print(`“${name}” failed`, this.#since);
    }
    // With concurrent tests the last one clears up for all.
    if (!this.#cluster.faults.testsRunning) await this.#heal(left, name);
    this.#since = Date.now();
  }

  /** A cluster that cannot be healed would make nonsense of every further test: that throws. */
  async #heal(left: readonly Fault[], name: string): Promise<void> {
    if (!this.#options.heal) return;
    // The next test starts anew; hooks that run before it only must not meet a fault.
    if (this.#isolation && left.length === 0) return;
    const healed = await this.#cluster.heal(left);
    if (healed.what.length > 0) say(`“${name}” left a fault: ${formatHealed(healed)}`);
  }

  async #print(headline: string, since: number): Promise<void> {
    const logs = await Promise.all(
      this.#cluster.nodes.map(async (node) => {
        const log = await node.logs(since).catch((error: unknown) => messageOf(error));
        return section(`log of ${node.name} (${this.#cluster.roleOf(node)})`, log);
      }),
    );
    const timeline = formatTimeline(this.#cluster.timeline.events, since);
    say(
      [
        `${headline}; the cluster from ${timeOfDay(since)} to ${timeOfDay(Date.now())} UTC`,
        section('timeline', timeline),
        ...logs,
      ].join('\n'),
    );
  }
}

function section(title: string, body: string): string {
  const lines = body.trimEnd();
  return lines === ''
    ? `  ${title}: nothing`
    : `  ${title}:\n${lines
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n')}`;
}

/** `block › block › test`, as Jest writes it; empty for the block that is the whole file. */
function fullName(entry: Circus.TestEntry | Circus.DescribeBlock): string {
  const names: string[] = [];
  for (let at: typeof entry | undefined = entry; at; at = at.parent) {
    if (at.parent) names.unshift(String(at.name));
  }
  return names.join(' › ');
}
