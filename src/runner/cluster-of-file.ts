import { CleanupStack } from '../base/cleanup-stack';
import { Deadline } from '../base/deadline';
import { messageOf } from '../base/errors';
import { sayOncePerRun } from '../base/machine/say-once-per-run';
import { say } from '../base/progress';
import type { Cluster } from '../cluster/cluster';
import type { ResolvedOptions } from '../options/take-options';
import { recordingOrder } from '../report/recording/order';
import type { About, Recorder } from '../report/recording/recorder';
import { acquireCluster, releaseCluster } from './cluster-pool';
import { keepsFailed } from './keeps-failed';
import { endKeptByOthers } from './kept-by-others';
import type { RecordedTests } from './recorded-tests';
import { Supervision } from './supervision';

/** More than the deadlines of all steps at the end. */
const removeMs = 60_000;

/** The test file that a cluster is for. */
export interface TestFile {
  /** For messages: its path. */
  readonly path: string;
  /** For recordings. */
  readonly about: About;
}

/** The cluster of one test file, and all that is done with it while its tests run. */
export class ClusterOfFile {
  readonly #file: TestFile;
  readonly #recorder: Recorder | undefined;
  readonly cluster: Cluster;
  readonly supervision: Supervision;
  #closing: Promise<void> | undefined;

  private constructor(
    file: TestFile,
    options: ResolvedOptions & { readonly keepsFailed: boolean },
    cluster: Cluster,
    recorded: RecordedTests | undefined,
  ) {
    this.#file = file;
    this.#recorder = recorded?.recorder;
    this.cluster = cluster;
    this.supervision = new Supervision(cluster, options, file.path, recorded);
  }

  /** @throws what `startGuarded` throws, and for a bad PG_CLUSTER_KEEP; nothing is left then */
  static async open(given: ResolvedOptions, file: TestFile): Promise<ClusterOfFile> {
    const options = { ...given, keepsFailed: keepsFailed() };
    endKeptByOthers(options.rootDir);
    const cluster = await acquireCluster(options);
    try {
      const recorded = await record(cluster, options, file.about);
      return new ClusterOfFile(file, options, cluster, recorded);
    } catch (error) {
      await releaseCluster(cluster, file.path).catch(() => {});
      throw error;
    }
  }

  /** Prints and writes what is left to be told, and gives the cluster back. It may be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { path } = this.#file;
    const cleanup = new CleanupStack();
    cleanup.add('the cluster', () => releaseCluster(this.cluster, path), removeMs);
    cleanup.add('the recording', () => this.#recorder?.end());
    cleanup.add('logs', () => this.supervision.atEnd());
    try {
      await cleanup.run(Deadline.in(removeMs));
    } catch (error) {
      // If this threw, it would hide the error of a setup, or turn passed tests into failed ones.
      say(`after ${path}: the cluster could not be removed: ${messageOf(error)}`);
    }
  }
}

/** Undefined if nobody wants to know; then nothing of it is loaded. */
async function record(
  cluster: Cluster,
  { logs }: ResolvedOptions,
  about: About,
): Promise<RecordedTests | undefined> {
  const order = recordingOrder();
  if (!order && logs !== 'on-failure') return undefined;
  const [{ Recorder }, { RecordedTests }] = await Promise.all([
    import('../report/recording/recorder.js'),
    import('./recorded-tests.js'),
  ]);
  return new RecordedTests(new Recorder(cluster, order, about));
}

/** For options that have been taken. */
export function sayWhatHasNoEffect({ networkFaults }: ResolvedOptions): void {
  if (networkFaults === undefined) return;
  sayOncePerRun(
    'networkFaults',
    'the option networkFaults has no effect: disconnect and silenceConnections work without it. Leave it out',
  );
}
