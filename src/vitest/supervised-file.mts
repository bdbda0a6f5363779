import type { RunnerTestCase, RunnerTestSuite, TestRunner } from 'vitest';
import type { SupervisedHook } from '../runner/supervised.js';
import { nameSeparator, wholeFile } from '../runner/supervised.js';
import type { Supervision } from '../runner/supervision.js';
import { AttemptedTest } from './attempted-test.mjs';

type Suite = Readonly<RunnerTestSuite>;
type Task = Readonly<RunnerTestCase>;
type Run = () => Promise<void>;

/** More than one hook of a kind may be in a block. */
type Hook = (...args: never[]) => unknown;

/** Tells the supervision of one file what Vitest does with its tests. */
export class SupervisedFile {
  readonly #supervision: Supervision;
  readonly #runner: typeof TestRunner;
  readonly #staleReads: boolean;
  readonly #attempted = new Map<Task, AttemptedTest>();
  /** The block whose concurrent tests and blocks are under way; none of them may run at the moment. */
  #group: Suite | undefined;

  constructor(
    supervision: Supervision,
    { staleReads }: { readonly staleReads: boolean },
    runner: typeof TestRunner,
  ) {
    this.#supervision = supervision;
    this.#runner = runner;
    this.#staleReads = staleReads;
  }

  /** @param file whose hooks, blocks and tests `run` runs */
  async aroundFile(file: Suite, run: Run): Promise<void> {
    // Ours, which runs this method.
    const [outermost] = this.#hooksOf(file).aroundAll;
    for (const suite of suitesIn(file)) this.#superviseBlock(suite, { ...outermost });
    this.#superviseHooks(file);
    await this.#aroundBlock(file, run);
  }

  /** @param run runs the test's hooks and its body, and never rejects */
  async aroundTest(task: Task, run: Run): Promise<void> {
    if (isConcurrent(task)) this.#startGroup(groupOf(task));
    else await this.#endGroup();
    const test = new AttemptedTest(task, nameOf(task));
    await this.#supervision.testStarts(test);
    this.#attempted.set(task, test);
    if (test.mayRun) await run();
    this.#attempted.delete(task);
    test.takeErrors();
    await this.#supervision.testDone(test);
    test.throwAdded();
  }

  /** @param traits what Vitest keeps on hooks: that it has no timeout, since ours have deadlines */
  #superviseBlock(suite: Suite, traits: object): void {
    this.#superviseHooks(suite);
    // The outermost, so that it hears of the block's end whatever hooks do.
    this.#hooksOf(suite).aroundAll.unshift(
      Object.assign((run: Run) => this.#aroundBlock(suite, run), traits),
    );
  }

  async #aroundBlock(suite: Suite, run: Run): Promise<void> {
    // Blocks that run at the same time are no blocks for faults, as nobody knows which one holds.
    if (isConcurrent(suite)) {
      this.#startGroup(groupOf(suite));
      return run();
    }
    await this.#endGroup();
    const isFile = parentOf(suite) === undefined;
    const name = nameOf(suite) || wholeFile;
    this.#supervision.blockStarts(name);
    try {
      await run();
    } finally {
      await this.#endGroup();
      await this.#supervision.blockEnds(name, isFile);
    }
  }

  #superviseHooks(suite: Suite): void {
    const hooks = this.#hooksOf(suite);
    for (const type of ['beforeAll', 'afterAll'] as const) {
      hooks[type] = hooks[type].map((hook) => this.#supervised(hook, type, suite));
    }
    if (this.#staleReads) this.#markBodies(suite);
  }

  /**
   * Vitest tells nobody when a test's body begins or ends. It begins after the last `beforeEach` of the
   * test's own block, and has ended at any `afterEach`, in whatever order those run.
   */
  #markBodies(suite: Suite): void {
    const hooks = this.#hooksOf(suite);
    hooks.beforeEach.push(async ({ task }) => {
      const test = this.#attempted.get(task);
      if (!test || parentOf(task) !== suite) return;
      await this.#supervision.bodyStarts(test);
      test.throwAdded();
    });
    hooks.afterEach = hooks.afterEach.map((hook) => {
      const outer: typeof hook = async (context, block) => {
        const test = this.#attempted.get(context.task);
        if (test) await this.#supervision.bodyEnds(test);
        return hook(context, block);
      };
      return Object.assign(outer, hook);
    });
  }

  #supervised<H extends Hook>(hook: H, type: 'beforeAll' | 'afterAll', suite: Suite): H {
    const outer = async (...args: Parameters<H>) => {
      const about: SupervisedHook = { type, block: nameOf(suite) || null, isUsers: true };
      if (type === 'afterAll' && this.#group === suite) await this.#endGroup();
      await this.#supervision.hookStarts(about);
      let error: unknown;
      try {
        return await hook(...args);
      } catch (thrown) {
        error = thrown;
        throw thrown;
      } finally {
        await this.#supervision.hookEnds(about, error);
      }
    };
    // What Vitest keeps on hooks.
    return Object.assign(outer, hook) as unknown as H;
  }

  #hooksOf(suite: Suite) {
    return this.#runner.getSuiteHooks(suite as RunnerTestSuite);
  }

  #startGroup(block: Suite): void {
    if (this.#group) return;
    this.#group = block;
    this.#supervision.groupStarts();
  }

  async #endGroup(): Promise<void> {
    const block = this.#group;
    this.#group = undefined;
    if (block) await this.#supervision.groupEnds(nameOf(block) || wholeFile);
  }
}

function suitesIn(suite: Suite): Suite[] {
  return suite.tasks.flatMap((task) => (task.type === 'suite' ? [task, ...suitesIn(task)] : []));
}

/** Of a task of the file's top level, Vitest has none. */
function parentOf(task: Suite | Task): Suite | undefined {
  if ('filepath' in task) return undefined;
  return task.suite ?? task.file;
}

/** Whether it may run at the same time as others: it, or a block around it, is concurrent. */
function isConcurrent(task: Suite | Task): boolean {
  const parent = parentOf(task);
  return task.concurrent === true || (parent !== undefined && isConcurrent(parent));
}

/** The innermost block around all that may run at the same time as this. */
function groupOf(task: Suite | Task): Suite {
  const parent = parentOf(task);
  if (!parent) return task as Suite;
  return isConcurrent(parent) ? groupOf(parent) : parent;
}

function nameOf(task: Suite | Task): string {
  const parent = parentOf(task);
  if (!parent) return '';
  const outer = nameOf(parent);
  return outer === '' ? task.name : `${outer}${nameSeparator}${task.name}`;
}
