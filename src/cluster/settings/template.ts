import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { escapeIdentifier } from 'pg';
import { bootstrapRole, type Template } from '../../engine/template';
import { ownBackendSettingsSql } from '../../postgres/own-backend-settings';
import { formatSettings } from '../../postgres/settings';
import type { TemplateSpec } from '../cluster-spec';
import { adminRole, replicationRole } from '../node/database-roles';
import { defaultSettings, ownNames, ownSettings } from './cluster-settings';

/**
 * Nobody is trusted over the network. Roles get their passwords only when a cluster is born, so
 * no image and no template carries one.
 */
const hba = `local all ${bootstrapRole} peer
local all all scram-sha-256
host all all all scram-sha-256
host replication ${replicationRole} all scram-sha-256
`;

/**
 * `init` may use ALTER SYSTEM, which then holds for every node; these settings would break them.
 */
const refuseOwnSettings = `DO $$
DECLARE
  own text := (SELECT string_agg(name, ', ') FROM pg_file_settings
    WHERE sourcefile LIKE '%postgresql.auto.conf' AND lower(name) = ANY ('{${ownNames.join(',')}}'));
BEGIN
  IF own IS NOT NULL THEN
    RAISE EXCEPTION 'init sets by ALTER SYSTEM what the environment sets itself: %', own;
  END IF;
END $$;
`;

/** What every data directory of a cluster is made from. */
export function templateFor(spec: TemplateSpec): Template {
  const user = escapeIdentifier(spec.user);
  const database = escapeIdentifier(spec.database);
  const builtIn = ['postgres', 'template1'].includes(spec.database);
  const bootstrap = [
    `CREATE ROLE ${adminRole} SUPERUSER LOGIN;`,
    `CREATE ROLE ${replicationRole} REPLICATION LOGIN;`,
    `CREATE ROLE ${user} SUPERUSER LOGIN;`,
    builtIn
      ? `ALTER DATABASE ${database} OWNER TO ${user};`
      : `CREATE DATABASE ${database} OWNER ${user};`,
  ];
  return {
    version: spec.version,
    conf: formatSettings({ ...defaultSettings, ...ownSettings, ...spec.settings }),
    hba,
    bootstrapSql: `${ownBackendSettingsSql}${bootstrap.join('\n')}\n`,
    user: spec.user,
    database: spec.database,
    closingSql: `${ownBackendSettingsSql}${refuseOwnSettings}`,
    init: spec.init.map((path) => ({ name: basename(path), sql: readFileSync(path) })),
  };
}
