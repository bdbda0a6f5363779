import { relative, sep } from 'node:path';
import type { Context } from 'node:vm';
import type { Circus } from '@jest/types';
import NodeEnvironment from 'jest-environment-node';
import { Realm } from '../base/realm';
import { type ResolvedOptions, takeOptions } from '../options/take-options';
import type { About } from '../report/recording/recorder';
import { ClusterOfFile, sayWhatHasNoEffect, type TestFile } from '../runner/cluster-of-file';
import { giveToTests } from '../runner/give-to-tests';
import { supervisedHandler } from './event-handler';
import { Supervisor } from './supervisor';

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
  readonly #file: TestFile;
  #cluster: ClusterOfFile | undefined;
  #supervisor: Supervisor | undefined;
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
    sayWhatHasNoEffect(options);
    this.#options = options;
    this.#file = { path: context.testPath, about: aboutFile(config, context.testPath) };
  }

  override async setup(): Promise<void> {
    await super.setup();
    this.#cluster = await ClusterOfFile.open(this.#options, this.#file);
    this.#supervisor = new Supervisor(this.#cluster.supervision);
    giveToTests(this.#cluster.cluster, {
      global: this.global,
      // The sandbox has its own copy of process.env, which Jest made before this.
      env: (this.global.process as NodeJS.Process).env,
      realm: Realm.of(this.context as Context),
    });
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
    try {
      await this.#cluster?.close();
    } finally {
      await super.teardown();
    }
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
