import { Deadline } from '../base/deadline';
import { messageOf } from '../base/errors';
import { say } from '../base/progress';
import type { Cluster } from '../cluster/cluster';
import { heal } from '../cluster/lifecycle/heal';
import { limitReached } from '../cluster/lifecycle/unhealable';
import type { ResolvedOptions } from '../options/take-options';
import { AutomaticHeal } from './automatic-heal';
import { Isolation } from './isolation';
import { explainLostConnection, watchSockets } from './lost-connections';
import { printLogs } from './print-logs';
import type { RecordedTests } from './recorded-tests';
import { StaleReads } from './stale-reads';
import type { SupervisedHook, SupervisedTest } from './supervised';
import { unawaitedActs } from './unawaited-acts';

/** How long the engine may take to say which nodes reached a limit. */
const limitsMs = 5000;

type SupervisionOptions = Pick<
  ResolvedOptions,
  'heal' | 'logs' | 'isolation' | 'staleReads' | 'rootDir'
> & {
  /** Whether the cluster of a failed test is left as it is for a while. */
  readonly keepsFailed: boolean;
};

/**
 * Follows the tests of one file, as a test runner tells of them: heals the cluster or isolates tests
 * from earlier ones, and adds to a failed test what it needs to know. A method that returns undefined
 * has nothing to wait for.
 */
export class Supervision {
  readonly #cluster: Cluster;
  readonly #options: SupervisionOptions;
  readonly #file: string;
  readonly #isolation: Isolation | undefined;
  /** Undefined where nothing is healed; tests that start anew need no healing. */
  readonly #automaticHeal: AutomaticHeal | undefined;
  readonly #staleReads: StaleReads | undefined;
  /** Undefined where nobody wants to know. */
  readonly #recorded: RecordedTests | undefined;
  /** Where the next test's span begins: hooks before a test belong to it. */
  #since = Date.now();
  /** While a group of concurrent tests is under way, even at moments when none of them runs. */
  #inGroup = false;
  /** The body of a test that timed out goes on, so what it does may happen in a later test. */
  #timedOut = false;

  constructor(
    cluster: Cluster,
    options: SupervisionOptions,
    file: string,
    recorded: RecordedTests | undefined,
  ) {
    this.#cluster = cluster;
    this.#recorded = recorded;
    this.#isolation = options.isolation === 'test' ? new Isolation(cluster) : undefined;
    this.#automaticHeal = options.heal && !this.#isolation ? new AutomaticHeal(cluster) : undefined;
    this.#staleReads = options.staleReads ? new StaleReads(cluster) : undefined;
    this.#options = options;
    this.#file = file;
    // An act may end connections that are open now.
    cluster.timeline.whenBegun(() => watchSockets(cluster.endpoints));
  }

  /** Something was thrown that nobody has caught: says more if it is a lost connection. */
  uncaught(error: unknown): void {
    explainLostConnection(error, this.#cluster.endpoints, this.#cluster.timeline.events);
  }

  /** Before the block's first hook or test. */
  blockStarts(name: string): void {
    this.#isolation?.blockStarted();
    this.#cluster.faults.blockStarted(name);
  }

  /** @param isFile then no test comes after it, and nothing has to be healed */
  blockEnds(name: string, isFile: boolean): Promise<void> | undefined {
    this.#cluster.faults.blockFinished();
    this.#isolation?.blockFinished();
    return isFile ? undefined : this.#automaticHeal?.after(name);
  }

  /** Before the first of several tests that run at the same time. */
  groupStarts(): void {
    this.#inGroup = true;
    this.#isolation?.groupStarted();
  }

  /** @param block the one that they belong to */
  groupEnds(block: string): Promise<void> | undefined {
    this.#inGroup = false;
    this.#isolation?.groupFinished();
    return this.#automaticHeal?.after(block);
  }

  hookStarts(hook: SupervisedHook): Promise<void> | undefined {
    const begins = () => this.#recorded?.hookBegins(hook);
    if (hook.type === 'beforeAll') return this.#beforeBeforeAll().then(begins);
    if (hook.type === 'afterAll') return this.#beforeAfterAll().then(begins);
    begins();
    return undefined;
  }

  /** @param error undefined if it has ended well */
  hookEnds(hook: SupervisedHook, error: unknown): Promise<void> | undefined {
    this.#recorded?.hookEnds(hook, error);
    return hook.type === 'beforeAll' ? this.#afterBeforeAll() : undefined;
  }

  /** Before the test's `beforeEach` hooks. Adds to its errors what makes running it senseless. */
  async testStarts(test: SupervisedTest): Promise<void> {
    try {
      await this.#isolation?.beforeTest();
      this.#automaticHeal?.requireWhole();
    } catch (error) {
      test.errors.push(error);
    }
    this.#cluster.faults.testStarted(test.name);
    this.#recorded?.testBegins(test);
  }

  /** After the test's `beforeEach` hooks, whose writes are for slaves, too. */
  bodyStarts(test: SupervisedTest): Promise<void> | undefined {
    return this.#staleReads?.bodyStarts(test);
  }

  bodyEnds(test: SupervisedTest): Promise<void> | undefined {
    return this.#staleReads?.bodyEnded(test);
  }

  /** After the test's `afterEach` hooks. Adds to its errors. */
  async testDone(test: SupervisedTest): Promise<void> {
    const { faults } = this.#cluster;
    const { name } = test;
    await this.#staleReads?.bodyEnded(test);
    this.#timedOut ||= test.timedOut;
    // While several tests run, nobody knows whose an act is; the last one to end waits for it.
    if (faults.testsRunning === 1) await this.#waitForActs(test);
    faults.testDone(name);
    this.#isolation?.afterTest();
    if (this.#isolation) this.#sayLeft(name);
    if (test.errors.length > 0) await this.#explainLimit(test);
    await this.#recorded?.testEnds(test, this.#since);
    if (this.#options.logs === 'on-failure' && test.errors.length > 0) {
      await this.#printFailure(name);
    }
    if (this.#options.keepsFailed && test.errors.length > 0) await this.#keep(name);
    // The last of several concurrent tests clears up for all of them.
    if (faults.testsRunning === 0 && !this.#inGroup) await this.#automaticHeal?.after(name);
    this.#since = Date.now();
    this.#recorded?.spanBegins(this.#since);
  }

  /** With `logs: 'always'`, prints the logs of the whole file. */
  async atEnd(): Promise<void> {
    if (this.#options.logs === 'always') {
      await printLogs(this.#cluster, `all of ${this.#file}`, 0);
    }
  }

  async #printFailure(name: string): Promise<void> {
    const cluster = this.#cluster;
    const recorder = this.#recorded?.recorder;
    if (!recorder) return;
    // It draws, which few files need.
    const { printFailure } = await import('./print-failure.js');
    await printFailure({ cluster, recorder }, name, this.#since).catch((error: unknown) => {
      // What comes after it, a heal above all, is needed more.
      say(`“${name}” failed; what happened cannot be shown: ${messageOf(error)}`);
    });
  }

  async #keep(name: string): Promise<void> {
    // It has a prompt with it, which few runs need.
    const { keepFailed } = await import('./keep-failed.js');
    await keepFailed(this.#cluster, name, this.#options.rootDir).catch((error: unknown) => {
      say(`“${name}” failed; its cluster cannot be kept: ${messageOf(error)}`);
    });
  }

  /** Before the next test all is as new, but what a trap missed is worth to know. */
  #sayLeft(test: string): void {
    for (const { left } of this.#cluster.faults.left) if (left) say(`“${test}”: ${left()}`);
  }

  /** An act that nobody awaited would go on in the next test. */
  async #waitForActs(test: SupervisedTest): Promise<void> {
    const acts = this.#cluster.underWay;
    if (acts.length === 0) return;
    await Promise.all(acts.map(({ over }) => over));
    const error = unawaitedActs(acts.filter(({ inTest }) => inTest));
    if (!error) return;
    // A test that fails anyway, or that follows a timeout, may have awaited all acts of its own.
    if (test.errors.length === 0 && !this.#timedOut) test.errors.push(error);
    else say(`“${test.name}”: ${error.message}`);
  }

  async #beforeBeforeAll(): Promise<void> {
    try {
      await this.#isolation?.beforeHook();
    } catch (error) {
      // The first test tries again, and fails if this fails again.
      say(`before a beforeAll: ${messageOf(error)}`);
    }
  }

  /** Acts that the hook did not await belong to its block, not to the first test. */
  async #afterBeforeAll(): Promise<void> {
    await Promise.all(this.#cluster.underWay.map(({ over }) => over));
    this.#isolation?.afterHook();
  }

  /** With isolation nothing is healed after a test, but an afterAll must not meet its faults. */
  async #beforeAfterAll(): Promise<void> {
    const { left } = this.#cluster.faults;
    if (!this.#isolation || !this.#options.heal || left.length === 0) return;
    await heal(this.#cluster, left).catch((error: unknown) => {
      say(`before an afterAll: ${messageOf(error)}`);
    });
  }

  /** The test's own errors only say that connections were lost. */
  async #explainLimit(test: SupervisedTest): Promise<void> {
    const reached = await limitReached(this.#cluster, Deadline.in(limitsMs)).catch(() => undefined);
    if (reached) test.errors.push(reached);
  }
}
