/**
 * Runs before each test file: starts the file's cluster, and sees to what happens around its tests.
 *
 * @module
 */
import { relative, sep } from 'node:path';
import { aroundAll, aroundEach, expect, inject, TestRunner } from 'vitest';
import { Realm } from '../base/realm.js';
import { resolveOptions } from '../options/take-options.js';
import { ClusterOfFile, sayWhatHasNoEffect } from '../runner/cluster-of-file.js';
import { giveToTests } from '../runner/give-to-tests.js';
import { matchers } from '../runner/matchers/matchers.js';
import { hearThrown } from '../runner/thrown-errors.js';
import { providedAs } from './given-options.mjs';
import { SupervisedFile } from './supervised-file.mjs';
import type {} from './vitest-types.mjs';
import { currentWorker, type Worker } from './worker.mjs';

const worker = currentWorker();
if (worker) await begin(worker);

async function begin(ours: Worker): Promise<void> {
  // Of a former file in this worker, which has run no test, since it could not be loaded.
  await ours.close?.();
  const { options: given, rootDir, workers } = projectOptions();
  const options = resolveOptions(
    { ...given, ...ours.given },
    { title: 'options of jest-environment-pg-cluster', rootDir, workers },
  );
  sayWhatHasNoEffect(options);
  const path = expect.getState().testPath ?? 'a test file';
  const cluster = await ClusterOfFile.open(options, { path, about: aboutFile(path, rootDir) });
  const takeBack = giveToTests(cluster.cluster, {
    global: globalThis,
    env: process.env,
    realm: Realm.own,
  });
  const stopHearing = hearThrown((error) => {
    cluster.supervision.uncaught(error);
    return false;
  });
  ours.close = async () => {
    ours.close = undefined;
    stopHearing();
    takeBack();
    await cluster.close();
  };
  expect.extend(matchers);
  const file = new SupervisedFile(cluster.supervision, options, TestRunner);
  // Vitest reads the parameters of a function, and refuses a second one that it does not know.
  aroundAll(async (...[runTests, , suite]) => {
    await file.aroundFile(suite, runTests).finally(ours.close);
  }, 0);
  aroundEach((runTest, { task }) => file.aroundTest(task, runTest), 0);
}

function projectOptions() {
  const none = { options: {}, rootDir: process.cwd(), workers: 1 };
  return inject(providedAs) ?? none;
}

function aboutFile(path: string, rootDir: string) {
  return {
    file: relative(rootDir, path).replaceAll(sep, '/'),
    project: null,
    worker: process.env.VITEST_POOL_ID ?? '1',
    shard: null,
  };
}
