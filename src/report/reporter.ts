import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Config } from '@jest/types';
import { messageOf } from '../base/errors';
import { say } from '../base/progress';
import { sayLast } from './output/last-line';
import { openPage } from './output/open-page';
import { ReportFolder } from './output/report-folder';
import { writePage } from './page/write-page';
import { readRecordings } from './reading/read-recordings';
import type { Recording } from './reading/recording';
import { orderVariable, type RecordingOrder } from './recording/order';
import { type PgClusterReporterOptions, takeReporterOptions } from './reporter-options';

export type { PgClusterReporterOptions } from './reporter-options';

/** What Jest tells of a whole run, as far as it matters here. */
interface RunResults {
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly runExecError?: unknown;
}

/**
 * Has the environment record what happens to the clusters, and makes a page of it that opens without
 * any server.
 *
 * @example
 * // jest.config.js
 * module.exports = {
 *   preset: 'jest-environment-pg-cluster',
 *   reporters: ['default', ['jest-environment-pg-cluster/reporter', { open: 'on-failure' }]],
 * };
 */
export default class PgClusterReporter {
  readonly #options: Required<PgClusterReporterOptions>;
  readonly #folder: ReportFolder;
  readonly #isCi: boolean;

  /** @throws `ERR_PG_CLUSTER_OPTIONS` */
  constructor(
    { rootDir, shard, ci }: Pick<Config.GlobalConfig, 'rootDir' | 'shard' | 'ci'>,
    options?: PgClusterReporterOptions,
  ) {
    this.#options = takeReporterOptions(options, rootDir);
    const part = shard ? `${shard.shardIndex}/${shard.shardCount}` : null;
    this.#folder = new ReportFolder(this.#options.folder, part);
    this.#isCi = ci;
  }

  /** Jest calls this before it makes workers, which inherit the variable. */
  onRunStart(): void {
    this.#folder.begin();
    const { recordings } = this.#folder;
    const { sql } = this.#options;
    const order: RecordingOrder = { pid: process.pid, folder: recordings, sql };
    process.env[orderVariable] = JSON.stringify(order);
  }

  /** With `--bail`, Jest may call this more than once. */
  onRunComplete(_contexts: unknown, results: RunResults): void {
    delete process.env[orderVariable];
    try {
      this.#report(hasFailed(results));
    } catch (error) {
      say(
        `no report could be made: ${messageOf(error)}. The recordings, if there are any, are in ${this.#folder.recordings}`,
      );
    }
  }

  #report(runFailed: boolean): void {
    const { keep, open } = this.#options;
    const { recordings, paths, problems } = readRecordings([this.#folder.recordings]);
    const kept = recordings.filter(
      (recording) => keep === 'always' || (runFailed && !isGood(recording)),
    );
    for (const recording of recordings) {
      const path = paths.get(recording);
      if (path !== undefined && !kept.includes(recording)) rmSync(path, { force: true });
    }
    for (const problem of problems) say(problem);
    if (kept.length === 0) {
      this.#folder.discard();
      return;
    }
    this.#folder.writePage(writePage(kept, { keep }));
    const url = pathToFileURL(this.#folder.page).href;
    sayLast(`what happened to the clusters: ${url}`);
    if (open === 'on-failure' && runFailed && !this.#isCi) openPage(url);
  }
}

function hasFailed(results: RunResults): boolean {
  const { numFailedTests, numRuntimeErrorTestSuites, runExecError } = results;
  return numFailedTests > 0 || numRuntimeErrorTestSuites > 0 || runExecError != null;
}

/** Nothing in it failed, and its process came to the end of the file. */
function isGood({ isWhole, records }: Recording): boolean {
  return (
    isWhole &&
    records.every(
      (record) =>
        !(record.kind === 'test ends' && record.outcome === 'failed') &&
        !(record.kind === 'hook ends' && record.error !== null),
    )
  );
}
