import { Client } from 'pg';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { rows } from '../support/rows';

/**
 * Does to a cluster, by SQL and by the handle, what nobody could undo step by step. It has at least
 * one slave. Resolves to what ends the sessions that are left.
 */
export async function hostile(pgCluster: PgCluster): Promise<() => Promise<void>> {
  const [first] = pgCluster.slaves;
  if (!first) throw new Error('hostile to a cluster that has slaves');
  const address = new URL(pgCluster.masterUrl);
  const database = address.pathname.slice(1);
  address.pathname = '/postgres';
  const admin = address.href;
  await rows(
    pgCluster.masterUrl,
    `CREATE TABLE filled AS SELECT generate_series(1, 200000) AS a;
     CREATE ROLE intruder SUPERUSER LOGIN PASSWORD 'intruder';
     CREATE TABLE IF NOT EXISTS in_template1 (a int)`,
  );
  const left = new Client({ connectionString: admin });
  left.on('error', () => {});
  await left.connect();
  await left.query('BEGIN; CREATE TABLE never_committed (a int)');
  await rows(admin, `SELECT pg_create_physical_replication_slot('left', true)`);
  await rows(admin, `ALTER SYSTEM SET work_mem = '11MB'`);
  await rows(first.url, `ALTER SYSTEM SET max_connections = 7`);
  await rows(admin, `ALTER ROLE ${address.username} PASSWORD 'other'`);
  await pgCluster.master.query(`ALTER ROLE pgcluster_admin SET work_mem = '12MB'`);
  await pgCluster.addSlave();
  await pgCluster.master.kill();
  await pgCluster.failover({ to: first });
  const intruder = `postgres://intruder:intruder@${first.host}:${first.port}/postgres`;
  await rows(intruder, `DROP DATABASE ${database} WITH (FORCE)`);
  await rows(intruder, 'DROP DATABASE IF EXISTS never_there');
  await rows(intruder, `ALTER ROLE pgcluster_replication PASSWORD 'unknown'`);
  await rows(intruder, `ALTER ROLE pgcluster_admin NOLOGIN PASSWORD NULL`);
  return () => left.end().catch(() => {});
}
