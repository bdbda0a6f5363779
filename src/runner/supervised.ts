/** A test, as the supervision of its file sees it: the same object from its start to its end. */
export interface SupervisedTest {
  /** `block › block › test` */
  readonly name: string;
  /** Which attempt at it this is, from 1. */
  readonly attempt: number;
  /** What it has failed with. What is added fails it, too; at its start, so that it does not run. */
  readonly errors: unknown[];
  /** Whether its body may still go on, since its runner has ended the wait for it. */
  readonly timedOut: boolean;
}

/** A hook, likewise. */
export interface SupervisedHook {
  readonly type: 'beforeAll' | 'afterAll' | 'beforeEach' | 'afterEach';
  /** Its block's name; null for the file. */
  readonly block: string | null;
  /** False for those of runners and libraries. */
  readonly isUsers: boolean;
}

/** What separates the names of blocks and tests. */
export const nameSeparator = ' › ';

/** How messages call the block that is the whole file. */
export const wholeFile = 'the file';
