import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { killAll } from '../../src/engine/local/server/freeze-and-kill';
import { pidFile } from '../../src/engine/local/server/pid-file';
import { Wire } from '../../src/wire/wire';
import { useCluster } from '../support/cluster';
import { useFolder } from '../support/folder';
import { answering } from '../support/local-servers';
import { rows } from '../support/rows';
import { beganBefore, resetBySpares } from '../support/spares';
import { until } from '../support/until';

const folder = useFolder('spare-servers');

describe('spare servers', () => {
  const the = useCluster({ slaves: 2, spareServers: true, superuser: true });

  test('are not there any more when others have taken their place', async () => {
    const pids = () => answering().map((data) => pidFile(data)[0]);
    await the.cluster.plan.spares.settled();
    const former = pids();
    await resetBySpares(the);
    await the.cluster.plan.spares.settled();
    expect(pids().filter((pid) => former.includes(pid))).toHaveLength(3);
  });

  test('are made as new by replacing only what has changed', async () => {
    const { pgCluster } = the;
    /** Two files of the master's: one that nobody changes, and one that each test changes. */
    const files = async () => {
      const sql = `SELECT current_setting('data_directory') || '/' || pg_relation_filepath(name::regclass) AS path
        FROM unnest(ARRAY['pg_operator', 'pg_class']) AS name`;
      const found = await rows(pgCluster.masterUrl, sql);
      return found.map(({ path }) => statSync(String(path)).ino);
    };
    const turns: number[][] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int); CHECKPOINT');
      await resetBySpares(the);
      turns.push(await files());
    }
    // The two sets take turns.
    const [before, after] = [turns[1], turns[3]];
    expect(after?.[0]).toBe(before?.[0]);
    expect(after?.[1]).not.toBe(before?.[1]);
  });

  test('begin with the data of a snapshot, and later with those of birth again', async () => {
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE kept AS SELECT 1 AS a');
    await pgCluster.switchover({ to: 'pg1' });
    await pgCluster.snapshot();
    for (let time = 0; time < 2; time += 1) {
      await rows(pgCluster.masterUrl, 'DROP TABLE kept');
      await the.cluster.plan.spares.settled();
      const now = new Date();
      await pgCluster.restore();
      expect(await beganBefore(pgCluster, now)).toEqual([true, true, true]);
      expect(pgCluster.master.name).toBe('pg1');
      for (const { url } of pgCluster.nodes) {
        expect(await rows(url, 'TABLE kept')).toEqual([{ a: 1 }]);
      }
    }
    // They are for the snapshot.
    await pgCluster.reset();
    expect(pgCluster.master.name).toBe('pg0');
    await resetBySpares(the);
  });

  test('write their log nowhere else, whatever a server has put there', async () => {
    await the.cluster.plan.spares.settled();
    const precious = join(folder, 'precious');
    writeFileSync(precious, 'as it was');
    for (const data of answering()) {
      const before = join(dirname(data), 'log.before');
      rmSync(before, { force: true });
      symlinkSync(precious, before);
    }
    await resetBySpares(the);
    await resetBySpares(the);
    expect(readFileSync(precious, 'utf8')).toBe('as it was');
  });

  test('are done without if somebody ends them, or the wire', async () => {
    const { pgCluster } = the;
    const used = answering();
    await pgCluster.reset();
    await the.cluster.plan.spares.settled();
    const spares = answering().filter((data) => !used.includes(data));
    for (const data of spares) await killAll(data, Deadline.in(5000));
    await pgCluster.reset();
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await the.cluster.plan.spares.settled();
    const wire = Wire.ofProcess;
    process.kill(wire.pid ?? 0, 'SIGKILL');
    await until('its end to be known', () => wire.hasEnded);
    await pgCluster.reset();
    await expect(rows(pgCluster.writer.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await resetBySpares(the);
  });
});
