import { randomBytes } from 'node:crypto';
import { ownBackendSettingsSql } from '../../postgres/own-backend-settings';
import { escapeIdentifier, escapeLiteral } from '../../postgres/quoted';
import { quickVerifier, scramVerifier } from '../../postgres/scram';
import { adminRole, replicationRole } from './database-roles';

/** Who may log in to a cluster, and with what. */
export class Credentials {
  readonly user: string;
  readonly adminPassword = newPassword();
  /** Gives the roles of a newborn cluster their passwords. */
  readonly bornSql: string;
  /** libpq's password file, for the nodes' own connections: any host, port and database. */
  readonly passfile: string;
  #password: string;
  readonly #isChosen: boolean;
  #hasChanged = false;

  /** @param password the one that the user has chosen */
  constructor(user: string, password: string | undefined) {
    const replicationPassword = newPassword();
    this.user = user;
    this.#password = password ?? newPassword();
    this.#isChosen = password !== undefined;
    this.passfile = `*:*:*:${replicationRole}:${replicationPassword}\n`;
    this.bornSql = passwordSql([
      [adminRole, quickVerifier(this.adminPassword)],
      [replicationRole, quickVerifier(replicationPassword)],
      [user, scramVerifier(this.#password)],
    ]);
  }

  /** The password of the tests' role, another one in each test file. */
  get password(): string {
    return this.#password;
  }

  /** Gives the tests' role another password, unless the user has chosen it. */
  changePassword(): void {
    if (this.#isChosen) return;
    this.#password = newPassword();
    this.#hasChanged = true;
  }

  /** Gives a newborn cluster today's password; undefined if it was born with it. */
  get changeSql(): string | undefined {
    if (!this.#hasChanged) return undefined;
    return alterRole(this.user, scramVerifier(this.#password));
  }
}

function newPassword(): string {
  return randomBytes(18).toString('base64url');
}

/**
 * It holds verifiers, not passwords, so neither a container's environment nor a server's log gives
 * them away. It is one transaction, so that whoever can log in finds everything in place. Its
 * commit must not wait for synchronous slaves, which come up later.
 */
function passwordSql(verifiers: readonly [role: string, verifier: string][]): string {
  const alters = verifiers.map(([role, verifier]) => `${alterRole(role, verifier)};`);
  return `${ownBackendSettingsSql}${['BEGIN;', ...alters, 'COMMIT;', ''].join('\n')}`;
}

function alterRole(role: string, verifier: string): string {
  return `ALTER ROLE ${escapeIdentifier(role)} PASSWORD ${escapeLiteral(verifier)}`;
}
