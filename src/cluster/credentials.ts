import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { ownBackendSettingsSql } from '../postgres/own-backend-settings';
import { quickVerifier, scramVerifier } from '../postgres/scram';
import { adminRole, replicationRole } from './roles';

/** Who may log in to a cluster, and with what. */
export interface Credentials {
  readonly user: string;
  /** Another one for each test file. */
  password: string;
  readonly adminPassword: string;
  readonly replicationPassword: string;
}

export function newCredentials(user: string, password: string | undefined): Credentials {
  return {
    user,
    password: password ?? newPassword(),
    adminPassword: newPassword(),
    replicationPassword: newPassword(),
  };
}

export function newPassword(): string {
  return randomBytes(18).toString('base64url');
}

/**
 * SQL that gives the roles of a newborn cluster their passwords. It holds verifiers, not the
 * passwords, so neither a container's environment nor a server's log can tell them. One
 * transaction, so that whoever can log in finds everything in place; with synchronous slaves its
 * commit must not wait for them, since they come up later.
 */
export function passwordSql(credentials: Credentials): string {
  const verifiers: [string, string][] = [
    [adminRole, quickVerifier(credentials.adminPassword)],
    [replicationRole, quickVerifier(credentials.replicationPassword)],
    [credentials.user, scramVerifier(credentials.password)],
  ];
  const alters = verifiers.map(
    ([role, verifier]) =>
      `ALTER ROLE ${escapeIdentifier(role)} PASSWORD ${escapeLiteral(verifier)};`,
  );
  return `${ownBackendSettingsSql}${['BEGIN;', ...alters, 'COMMIT;', ''].join('\n')}`;
}
