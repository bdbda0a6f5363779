import type { Circus } from '@jest/types';
import { Deadline } from '../base/deadline';
import { messageOf, PgClusterError } from '../base/errors';
import { say } from '../base/progress';
import { type Cluster, formatHealed } from '../cluster/cluster';
import { formatTimeline, timeOfDay } from '../cluster/timeline';
import type { ResolvedOptions } from '../options/take-options';
import { Isolation } from './isolation';
import { explainLostConnection, watchSockets } from './lost-connections';
import { unawaitedActs } from './unawaited-acts';

/** How long the engine may take to tell how nodes are. */
const lookMs = 5000;

type SupervisorOptions = Pick<ResolvedOptions, 'heal' | 'logs' | 'isolation'>;

/**
 * Watches the tests of one file: heals what they leave, isolates them from each other if that is
 * wanted, prints what is known when one fails.
 */
export class Supervisor {
  readonly #cluster: Cluster;
  readonly #options: SupervisorOptions;
  readonly #file: string;
  readonly #isolation: Isolation | undefined;
  readonly #handled = new WeakMap<Circus.Event, Promise<void> | undefined>();
  /** Where the next test's span begins: hooks before a test belong to it. */
  #since = Date.now();
  /** While a group of concurrent tests is under way, though at moments none of them may run. */
  #inGroup = false;
  /** The body of a test whose time was up goes on: what it does then is done in a later test. */
  #timedOut = false;
  /** After whom the cluster could not be healed, and why, until it is put back. */
  #broken: { readonly after: string; readonly error: unknown; readonly at: number } | undefined;

  constructor(cluster: Cluster, options: SupervisorOptions, file: string) {
    this.#cluster = cluster;
    this.#isolation = options.isolation === 'test' ? new Isolation(cluster) : undefined;
    this.#options = options;
    this.#file = file;
    // An act may end connections that are open now.
    cluster.timeline.onBegun = () => watchSockets(cluster.endpoints);
  }

  /** Once for each event, however often it is called. Undefined: there is nothing to wait for. */
  onEvent(event: Circus.Event): Promise<void> | undefined {
    if (!this.#handled.has(event)) this.#handled.set(event, this.#handle(event));
    return this.#handled.get(event);
  }

  #handle(event: Circus.Event): Promise<void> | undefined {
    switch (event.name) {
      // Jest does not wait for this one, and is about to write it down.
      case 'error':
        explainLostConnection(event.error, this.#cluster.endpoints, this.#cluster.timeline.events);
        return undefined;
      // Not test_start: that comes for skipped tests too, and has no test_done.
      case 'test_started':
        return this.#onTestStarted(event.test);
      case 'test_done':
        return this.#onTestDone(event.test);
      case 'concurrent_tests_start':
        this.#inGroup = true;
        this.#isolation?.groupStarted();
        return undefined;
      case 'concurrent_tests_end':
        this.#inGroup = false;
        this.#isolation?.groupFinished();
        return this.#heal(nameOf(event.describeBlock));
      case 'hook_start':
        if (event.hook.type === 'beforeAll') return this.#beforeBeforeAll();
        return event.hook.type === 'afterAll' ? this.#beforeAfterAll() : undefined;
      case 'hook_success':
      case 'hook_failure':
        return event.hook.type === 'beforeAll' ? this.#afterBeforeAll() : undefined;
      case 'run_describe_start':
        this.#isolation?.blockStarted();
        this.#cluster.faults.blockStarted(nameOf(event.describeBlock));
        return undefined;
      case 'run_describe_finish':
        this.#cluster.faults.blockFinished();
        this.#isolation?.blockFinished();
        // At the end of the file nobody is left to heal for.
        return event.describeBlock.parent ? this.#heal(nameOf(event.describeBlock)) : undefined;
      default:
        return undefined;
    }
  }

  /** The whole log, if that is wanted. */
  async atEnd(): Promise<void> {
    if (this.#options.logs === 'always') await this.#print(`all of ${this.#file}`, 0);
  }

  async #onTestStarted(test: Circus.TestEntry): Promise<void> {
    try {
      await this.#isolation?.beforeTest();
      this.#refuseBroken();
    } catch (error) {
      // Jest does not run a test that has an error already.
      test.errors.push(error);
    }
    this.#cluster.faults.testStarted(fullName(test));
  }

  async #onTestDone(test: Circus.TestEntry): Promise<void> {
    const { faults } = this.#cluster;
    const name = fullName(test);
    this.#timedOut ||= test.errors.some((error) => isTimeout(error));
    // Of several tests nobody knows whose act it is; then it is waited for when the last one ends.
    if (faults.testsRunning === 1) await this.#waitForActs(test, name);
    faults.testDone(name);
    this.#isolation?.afterTest();
    if (test.errors.length > 0) await this.#explainLimit(test);
    if (this.#options.logs === 'on-failure' && test.errors.length > 0) {
      await this.#print(`“${name}” failed`, this.#since);
    }
    // With concurrent tests the last one clears up for all.
    if (faults.testsRunning === 0 && !this.#inGroup) await this.#heal(name);
    this.#since = Date.now();
  }

  /** An act that nobody awaited would go on in the next test. */
  async #waitForActs(test: Circus.TestEntry, name: string): Promise<void> {
    const acts = this.#cluster.underWay;
    if (acts.length === 0) return;
    await Promise.all(acts.map(({ over }) => over));
    const error = unawaitedActs(acts.filter(({ inTest }) => inTest));
    if (!error) return;
    // One that fails anyway, or follows one whose time was up, may have awaited all of its own.
    if (test.errors.length === 0 && !this.#timedOut) test.errors.push(error);
    else say(`“${name}”: ${error.message}`);
  }

  async #beforeBeforeAll(): Promise<void> {
    try {
      await this.#isolation?.beforeHook();
    } catch (error) {
      // It is tried again for the first test, and fails that.
      say(`before a beforeAll: ${messageOf(error)}`);
    }
  }

  /** What the hook has done, and has not awaited, is the block's and not its first test's. */
  async #afterBeforeAll(): Promise<void> {
    await Promise.all(this.#cluster.underWay.map(({ over }) => over));
    this.#isolation?.afterHook();
  }

  /** Tests that start anew need no healing; this hook is not to meet what they have left. */
  async #beforeAfterAll(): Promise<void> {
    const { left } = this.#cluster.faults;
    if (!this.#isolation || !this.#options.heal || left.length === 0) return;
    await this.#cluster.heal(left).catch((error: unknown) => {
      say(`before an afterAll: ${messageOf(error)}`);
    });
  }

  /** A cluster that cannot be healed makes nonsense of every further test, but not of former ones. */
  async #heal(ended: string): Promise<void> {
    if (!this.#options.heal || this.#isolation || this.#isBroken()) return;
    const { left } = this.#cluster.faults;
    const at = Date.now();
    const healed = await this.#cluster.heal(left).catch((error: unknown) => {
      this.#broken = { after: ended, error, at };
      say(
        `after “${ended}”: ${messageOf(error)}. The tests after it fail with the same, until the cluster is reset, restored or healed`,
      );
    });
    if (!healed || healed.what.length === 0) return;
    const whose = [...new Set(left.map(({ owner }) => owner.name))].join(', ') || ended;
    say(`“${whose}” left a fault: ${formatHealed(healed)}`);
  }

  /** Its own errors only tell that connections were lost. */
  async #explainLimit(test: Circus.TestEntry): Promise<void> {
    const reached = await this.#cluster.limitsReached(Deadline.in(lookMs)).catch(() => undefined);
    if (reached) test.errors.push(reached);
  }

  /** Whether it could not be healed, and nothing has mended it since. */
  #isBroken(): boolean {
    if (!this.#broken) return false;
    const { at } = this.#broken;
    const mends = ['heal', 'reset', 'restore'];
    const isMended = this.#cluster.timeline.events.some(
      ({ act, outcome, startedAt }) => startedAt > at && outcome === 'done' && mends.includes(act),
    );
    if (isMended) this.#broken = undefined;
    return !isMended;
  }

  #refuseBroken(): void {
    if (!this.#broken || !this.#isBroken()) return;
    const { after, error } = this.#broken;
    throw new PgClusterError(
      error instanceof PgClusterError ? error.code : 'ERR_PG_CLUSTER_HEAL',
      `since “${after}”: ${messageOf(error)}`,
      { cause: error },
    );
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

/** Jest has no other mark for it. */
function isTimeout(error: Circus.TestError): boolean {
  const [thrown, made] = Array.isArray(error) ? error : [error, undefined];
  return /Exceeded timeout of/.test(messageOf(thrown ?? made));
}

function nameOf(block: Circus.DescribeBlock): string {
  return fullName(block) || 'the file';
}

/** `block › block › test`, as Jest writes it; empty for the block that is the whole file. */
function fullName(entry: Circus.TestEntry | Circus.DescribeBlock): string {
  const names: string[] = [];
  for (let at: typeof entry | undefined = entry; at; at = at.parent) {
    if (at.parent) names.unshift(String(at.name));
  }
  return names.join(' › ');
}
