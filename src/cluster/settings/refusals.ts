import { escapeLiteral } from '../../postgres/quoted';
import type { TemplateSpec } from '../cluster-spec';
import { ownNames } from './cluster-settings';

/**
 * Fails if `init` or `prepare` has left what no cluster can be born with: each of these would be
 * lost silently, or would break the nodes.
 */
export function refusalsSql({ user, database, prepare }: TemplateSpec): string {
  const who = prepare ? 'init or prepare' : 'init';
  const refusals: [found: string, problem: string][] = [
    [
      `SELECT string_agg(name, ', ') FROM pg_file_settings
       WHERE sourcefile LIKE '%postgresql.auto.conf' AND lower(name) = ANY ('{${ownNames.join(',')}}')`,
      `${who} sets by ALTER SYSTEM what the environment sets itself: %`,
    ],
    [
      `SELECT string_agg(slot_name, ', ') FROM pg_replication_slots`,
      `${who} has made a replication slot, which no copy of the data can have: %. Make it in a test or a beforeAll hook`,
    ],
    [
      `SELECT string_agg(spcname || ' in ' || pg_tablespace_location(oid), ', ') FROM pg_tablespace
       WHERE pg_tablespace_location(oid) <> ''`,
      `${who} has made a tablespace, whose files the nodes cannot share: %. Make it in a test or a beforeAll hook`,
    ],
    [
      `SELECT string_agg(gid, ', ') FROM pg_prepared_xacts`,
      `${who} has left a prepared transaction, which would hold its locks in every cluster: %`,
    ],
    [
      `SELECT ${escapeLiteral(user)} WHERE NOT EXISTS (SELECT FROM pg_roles
       WHERE rolname = ${escapeLiteral(user)} AND rolcanlogin)`,
      `${who} has taken away the role that tests log in as: %`,
    ],
    [
      `SELECT ${escapeLiteral(database)} WHERE NOT EXISTS (SELECT FROM pg_database
       WHERE datname = ${escapeLiteral(database)})`,
      `${who} has dropped the database that tests use: %`,
    ],
  ];
  const checks = refusals.map(
    ([found, problem]) =>
      `  found := (${found});\n  IF found IS NOT NULL THEN RAISE EXCEPTION ${escapeLiteral(problem)}, found; END IF;`,
  );
  return `DO $refusals$\nDECLARE found text;\nBEGIN\n${checks.join('\n')}\nEND $refusals$;\n`;
}
