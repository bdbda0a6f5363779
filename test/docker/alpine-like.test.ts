import { buildImage } from '../engine/build-image';
import { useCluster } from '../support/cluster';
import { docker } from '../support/docker';
import { rows } from '../support/rows';

const tag = 'jest-environment-pg-cluster-test/busybox:17';

/**
 * No Alpine image can be had where there is no registry. What differs for our scripts is that all
 * tools and the shell are BusyBox's and that there is no bash; so that is what this image has.
 */
const dockerfile = `FROM postgres:17
RUN apt-get update && apt-get install -y --no-install-recommends busybox-static \\
 && cp "$(command -v busybox)" /busybox \\
 && for tool in $(/busybox --list); do \\
      for folder in /usr/bin /usr/sbin; do \\
        if [ -e "$folder/$tool" ]; then /busybox ln -sf /busybox "$folder/$tool"; fi; \\
      done; \\
    done \\
 && /busybox rm -f /usr/bin/bash /usr/bin/dash /usr/bin/rbash
ENTRYPOINT []
`;

// Not removed afterwards: made again it would have another id, and need images of ours again.
beforeAll(() => buildImage(docker, tag, { Dockerfile: dockerfile }));

describe('on an image with BusyBox for a userland', () => {
  const the = useCluster({ image: tag, slaves: 1, init: 'sql/schema.sql' });

  test('a cluster starts, streams and has the init SQL', async () => {
    const { pgCluster } = the;
    for (const url of [pgCluster.masterUrl, ...pgCluster.slaveUrls]) {
      await expect(rows(url, 'SELECT step FROM steps')).resolves.toEqual([{ step: 'schema' }]);
    }
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.waitForCatchup();
    await expect(rows(pgCluster.slaveUrls[0] ?? '', 'TABLE t')).resolves.toEqual([]);
  });

  test('it is restored and reset, whatever files and directories have gone', async () => {
    const { pgCluster } = the;
    const spoil = async () => {
      await rows(pgCluster.masterUrl, 'DROP TABLE IF EXISTS kept, steps');
      await pgCluster.master.query('DROP DATABASE IF EXISTS other');
      // The WAL that it was born with, or restored with, goes.
      await pgCluster.master.query('SELECT pg_switch_wal()');
      await pgCluster.master.query('CHECKPOINT');
      await pgCluster.waitForCatchup();
      for (const slave of pgCluster.slaves) await slave.query('CHECKPOINT');
    };
    await pgCluster.master.query('CREATE DATABASE other');
    await rows(pgCluster.masterUrl, 'CREATE TABLE kept AS SELECT 1 AS a');
    await pgCluster.snapshot('kept');
    // Twice: there are two directories for data, which change places.
    for (const _ of ['data.a', 'data.b']) {
      await spoil();
      await pgCluster.restore('kept');
      for (const { url } of pgCluster.nodes) {
        await expect(rows(url, 'TABLE kept')).resolves.toEqual([{ a: 1 }]);
        const other = new URL(url);
        other.pathname = '/other';
        await expect(rows(other.href, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
      }
      await spoil();
      await pgCluster.reset();
      for (const { url } of pgCluster.nodes) {
        await expect(rows(url, 'SELECT step FROM steps')).resolves.toEqual([{ step: 'schema' }]);
      }
    }
  });

  test('it has no bash that could have helped', async () => {
    await expect(
      the.pgCluster.master.query("COPY (SELECT 1) TO PROGRAM 'bash -c true'"),
    ).rejects.toThrow(/program "bash -c true" failed/);
  });
});
