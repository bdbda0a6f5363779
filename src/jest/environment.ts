import { relative, sep } from 'node:path';
import type { Context } from 'node:vm';
import type { Circus } from '@jest/types';
import NodeEnvironment from 'jest-environment-node';
import { CleanupStack } from '../base/cleanup-stack';
import { Deadline } from '../base/deadline';
import { messageOf } from '../base/errors';
import { sayOncePerRun } from '../base/machine/say-once-per-run';
import { say } from '../base/progress';
import { Realm } from '../base/realm';
import type { Cluster } from '../cluster/cluster';
import { handleOf } from '../handle/cluster-handle';
import { type ResolvedOptions, takeOptions } from '../options/take-options';
import { recordingOrder } from '../report/recording/order';
import type { About, Recorder } from '../report/recording/recorder';
import { acquireCluster, releaseCluster } from './cluster-pool';
import { supervisedHandler } from './event-handler';
import { testStartedAt } from './matchers/test-started-at';
import type { RecordedTests } from './recorded-tests';
import { Supervisor } from './supervisor';

/** More than the deadlines of all steps at the end. */
const removeMs = 60_000;

type Parameters = ConstructorParameters<typeof NodeEnvironment>;

/**
 * The test environment: Node's, with a PostgreSQL cluster of its own for each test file.
 *
 * @example
 * // jest.config.js
 * module.exports = {
 *   preset: 'jest-environment-pg-cluster',
 *   testEnvironmentOptions: { slaves: 2 },
 * };
 */
export default class PgClusterEnvironment extends NodeEnvironment {
  readonly #options: ResolvedOptions;
  readonly #file: string;
  readonly #about: About;
  #cluster: Cluster | undefined;
  #supervisor: Supervisor | undefined;
  #recorder: Recorder | undefined;
  #teardown: Promise<void> | undefined;

  /** Starts nothing, since Jest calls no teardown when a `setupFiles` module throws. */
  constructor(config: Parameters[0], context: Parameters[1]) {
    const { projectConfig } = config;
    const { options, rest } = takeOptions(
      projectConfig.testEnvironmentOptions,
      projectConfig.rootDir,
      config.globalConfig.maxWorkers,
    );
    super(
      { ...config, projectConfig: { ...projectConfig, testEnvironmentOptions: rest } },
      context,
    );
    if (options.networkFaults !== undefined) {
      sayOncePerRun(
        'networkFaults',
        'the option networkFaults has no effect: disconnect and silenceConnections work without it. Leave it out',
      );
    }
    this.#options = options;
    this.#file = context.testPath;
    this.#about = aboutFile(config, context.testPath);
  }

  override async setup(): Promise<void> {
    await super.setup();
    this.#cluster = await acquireCluster(this.#options);
    const recorded = await this.#record(this.#cluster);
    this.#supervisor = new Supervisor(this.#cluster, this.#options, this.#file, recorded);
    this.#inject(this.#cluster, Realm.of(this.context as Context));
    // Where a subclass has a handler of its own, Jest would call only that one.
    this.handleTestEvent = supervisedHandler(this.#supervisor, this.handleTestEvent.bind(this));
  }

  /**
   * Jest calls this for each event of a test file. A subclass may have a handler of its own, as a
   * method or a property, and need not call this one: the cluster is healed or reset in any case.
   * That happens before the subclass hears that something begins, and after it has heard that
   * something has ended. In the latter case, calling this method does it at once.
   *
   * @example
   * class OwnEnvironment extends TestEnvironment {
   *   async handleTestEvent(event, state) {
   *     if (event.name === 'test_done') await note(await this.global.pgCluster.status());
   *     await super.handleTestEvent(event, state);
   *     // Here the cluster is whole again.
   *   }
   * }
   */
  async handleTestEvent(event: Circus.Event, _state: Circus.State): Promise<void> {
    await this.#supervisor?.onEvent(event);
  }

  /**
   * Works when it is called twice (Jest 29.7 and 30.0.0 do if it throws), or after a failed setup.
   */
  override async teardown(): Promise<void> {
    this.#teardown ??= this.#tearDown();
    await this.#teardown;
  }

  async #tearDown(): Promise<void> {
    const cleanup = new CleanupStack();
    const cluster = this.#cluster;
    if (cluster) {
      cleanup.add('the cluster', () => releaseCluster(cluster, this.#file), removeMs);
    }
    cleanup.add('the recording', () => this.#recorder?.end());
    cleanup.add('logs', () => this.#supervisor?.atEnd());
    try {
      await cleanup.run(Deadline.in(removeMs));
    } catch (error) {
      // If this threw, it would hide the error of a setup, or turn passed tests into failed ones.
      say(`after ${this.#file}: the cluster could not be removed: ${messageOf(error)}`);
    } finally {
      await super.teardown();
    }
  }

  /** Undefined if nobody wants a recording; then nothing of it is loaded. */
  async #record(cluster: Cluster): Promise<RecordedTests | undefined> {
    const order = recordingOrder();
    if (!order) return undefined;
    const [{ Recorder }, { RecordedTests }] = await Promise.all([
      import('../report/recording/recorder.js'),
      import('./recorded-tests.js'),
    ]);
    this.#recorder = new Recorder(cluster, order, this.#about);
    return new RecordedTests(this.#recorder);
  }

  #inject(cluster: Cluster, realm: Realm): void {
    const handle = handleOf(cluster, realm);
    const { host, port } = handle.master;
    Object.defineProperty(this.global, testStartedAt, {
      get: () => cluster.faults.testStartedAt,
      configurable: true,
    });
    const endpoints = cluster.movingEndpoints && {
      PG_WRITER_URL: handle.writer.url,
      PG_READER_URL: handle.reader.url,
    };
    Object.assign(this.global, {
      ...endpoints,
      pgCluster: handle,
      PG_MASTER_URL: handle.masterUrl,
      PG_SLAVE_URLS: realm.adopt([...handle.slaveUrls]),
    });
    // The sandbox has its own copy of process.env, which Jest made before this.
    Object.assign((this.global.process as NodeJS.Process).env, {
      ...endpoints,
      PG_MASTER_URL: handle.masterUrl,
      PG_SLAVE_URLS: handle.slaveUrls.join(','),
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: cluster.user,
      PGPASSWORD: cluster.password,
      PGDATABASE: cluster.database,
      ...(cluster.caFile !== undefined && {
        PGSSLMODE: 'verify-full',
        PGSSLROOTCERT: cluster.caFile,
      }),
    });
  }
}

function aboutFile({ globalConfig, projectConfig }: Parameters[0], file: string): About {
  const { shard } = globalConfig;
  return {
    file: relative(globalConfig.rootDir, file).replaceAll(sep, '/'),
    project: projectConfig.displayName?.name ?? null,
    worker: process.env.JEST_WORKER_ID ?? '1',
    shard: shard ? `${shard.shardIndex}/${shard.shardCount}` : null,
  };
}
