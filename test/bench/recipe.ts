import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { Client } from 'pg';
import { Deadline, poll } from '../../src/base/deadline';
import { buildImage } from '../engine/build-image';
import { BENCH_LABEL, BenchNodes, type Started } from './bench-nodes';

const MASTER_IMAGE = 'jest-environment-pg-cluster-bench/recipe-master';
const SLAVE_IMAGE = 'jest-environment-pg-cluster-bench/recipe-slave';
// A running pg_basebackup streams WAL as well; it is no slave yet.
const STREAMING = `SELECT count(*)::int AS count FROM pg_stat_replication
  WHERE state = 'streaming' AND application_name <> 'pg_basebackup'`;

/**
 * Starts a master and its slaves as the 2015 recipe did: master, a fixed sleep, then the slaves
 * one after the other, each copying the master. Counts until every slave streams.
 */
export async function startRecipe(
  docker: Docker,
  slaves: number,
): Promise<Started & { readonly url: string }> {
  const nodes = new BenchNodes(docker);
  const started = performance.now();
  try {
    await nodes.createNetwork();
    const port = await nodes.run({ image: MASTER_IMAGE, alias: 'master', port: 5432 });
    // The recipe's own way to wait for the master, and a good part of what it costs.
    await sleep(2_000);
    for (let i = 1; i <= slaves; i += 1) {
      await nodes.run({ image: SLAVE_IMAGE, alias: `slave${i}`, port: 5432 });
    }
    await waitUntilStreaming(port, slaves);
    const seconds = (performance.now() - started) / 1000;
    const url = `postgres://testsuite@127.0.0.1:${port}/testsuite`;
    return { seconds, url, remove: () => nodes.removeOneByOne() };
  } catch (error) {
    await nodes.removeOneByOne().catch(() => undefined);
    throw error;
  }
}

/** Builds both images; to be done before the first `startRecipe`, and not counted. */
export async function buildRecipeImages(docker: Docker): Promise<void> {
  const file = (name: string) => readFileSync(join(__dirname, 'recipe', name));
  const labels = { [BENCH_LABEL]: '1' };
  await buildImage(docker, MASTER_IMAGE, { Dockerfile: file('master.Dockerfile') }, labels);
  const slave = { Dockerfile: file('slave.Dockerfile'), 'start-slave.sh': file('start-slave.sh') };
  await buildImage(docker, SLAVE_IMAGE, slave, labels);
}

async function waitUntilStreaming(port: number, slaves: number): Promise<void> {
  const master = new Client({
    host: '127.0.0.1',
    port,
    user: 'testsuite',
    database: 'testsuite',
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
  });
  await master.connect();
  try {
    await poll({
      deadline: Deadline.in(60_000),
      what: `${slaves} slaves to stream`,
      intervalMs: 20,
      look: async () => {
        const { rows } = await master.query<{ count: number }>(STREAMING);
        const streaming = rows[0]?.count ?? 0;
        return streaming >= slaves ? { done: undefined } : { seen: `${streaming} stream` };
      },
    });
  } finally {
    await master.end();
  }
}
