import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { bootstrapRole, type Template } from '../../engine/template';
import { ownBackendSettingsSql } from '../../postgres/own-backend-settings';
import { escapeIdentifier } from '../../postgres/quoted';
import { formatSettings } from '../../postgres/settings';
import type { TemplateSpec } from '../cluster-spec';
import { adminRole, replicationRole } from '../node/database-roles';
import { preparationHash } from '../prepare/prepare-inputs';
import { defaultSettings, ownSettings } from './cluster-settings';
import { extensionsSql } from './extensions';
import { refusalsSql } from './refusals';

/**
 * Nobody is trusted over the network. Roles get their passwords only when a cluster is born, so
 * no image and no template carries one.
 */
const hba = `local all ${bootstrapRole} peer
local all all scram-sha-256
host all all all scram-sha-256
host replication ${replicationRole} all scram-sha-256
`;

/** The same for servers that take no connection without TLS, but our own. */
export const hbaOnlyEncrypted = `local all ${bootstrapRole} peer
local all all scram-sha-256
host all ${adminRole},${bootstrapRole} all scram-sha-256
host replication ${replicationRole} all scram-sha-256
hostssl all all all scram-sha-256
`;

/** What every data directory of a cluster is made from. */
export function templateFor(spec: TemplateSpec): Template {
  const { user, database, prepare } = spec;
  const role = escapeIdentifier(user);
  const name = escapeIdentifier(database);
  const builtIn = ['postgres', 'template1'].includes(database);
  const bootstrap = [
    `CREATE ROLE ${adminRole} SUPERUSER LOGIN;`,
    `CREATE ROLE ${replicationRole} REPLICATION LOGIN;`,
    `CREATE ROLE ${role} ${spec.superuser ? 'SUPERUSER ' : ''}LOGIN;`,
    builtIn ? `ALTER DATABASE ${name} OWNER TO ${role};` : `CREATE DATABASE ${name} OWNER ${role};`,
  ];
  const inDatabase = [
    // From PostgreSQL 15 on, only its owner may create something there.
    `ALTER SCHEMA public OWNER TO ${role};`,
    ...(spec.superuser ? [] : grantedSql(role)),
    'SET search_path = public;',
    extensionsSql(spec.extensions),
  ];
  return {
    version: spec.version,
    conf: formatSettings({ ...defaultSettings, ...ownSettings, ...spec.settings }),
    hba,
    bootstrapSql: `${ownBackendSettingsSql}${bootstrap.join('\n')}\n`,
    databaseSql: `${ownBackendSettingsSql}${inDatabase.join('\n')}\n`,
    user,
    database,
    init: spec.init.map((path) => ({ name: basename(path), sql: readFileSync(path) })),
    preparation: prepare && preparationHash(prepare),
    closingSql: `${ownBackendSettingsSql}${refusalsSql(spec)}`,
  };
}

/** What the handle makes for a test by `query()`, the tests' role may use. */
function grantedSql(role: string): string[] {
  return ['TABLES', 'SEQUENCES', 'SCHEMAS'].map(
    (kind) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${adminRole} GRANT ALL ON ${kind} TO ${role};`,
  );
}
