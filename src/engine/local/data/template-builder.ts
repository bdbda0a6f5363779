import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { freePort, releasePort } from '../../../base/machine/ports';
import { makePrivate } from '../../../base/machine/private-directory';
import { newId } from '../../../base/new-id';
import type { Progress } from '../../../base/progress';
import type { Connection } from '../../../postgres/connection';
import type { Endpoint } from '../../../postgres/endpoint';
import { escapeIdentifier, escapeLiteral } from '../../../postgres/quoted';
import { quickVerifier } from '../../../postgres/scram';
import { splitStatements } from '../../../postgres/sql-script';
import { initdbOptions, locales, makingSettings } from '../../data-directory-rules';
import { withRemedy } from '../../engine-errors';
import { bootstrapRole, type Preparation, type Template } from '../../template';
import { Server } from '../server/server';
import { tlsSettings, writeTlsFiles } from '../server/tls-files';
import { writeOwned } from '../system/owned-files';
import { runWell } from '../system/run-program';
import type { ServerUser } from '../system/server-user';

/** What is needed to make a template. */
export interface Workshop {
  readonly programs: string;
  /** Of PostgreSQL. */
  readonly major: number;
  readonly user: ServerUser;
  /** A directory of `user`'s in which it is made; it goes with the session. */
  readonly workshop: string;
  /** Why the watcher has ended the server in that directory, if it has. */
  readonly whyEnded: (home: string) => string | undefined;
}

/** Makes one data directory: initdb, settings, SQL, the preparation, clean shutdown. */
export class TemplateBuilder {
  readonly home: string;
  readonly #template: Template;
  readonly #preparation: Preparation | undefined;
  readonly #place: Workshop;
  readonly #progress: Progress;
  readonly #password = randomBytes(18).toString('base64url');

  constructor(
    { template, preparation }: { template: Template; preparation: Preparation | undefined },
    place: Workshop,
    progress: Progress,
  ) {
    this.#template = template;
    this.#preparation = preparation;
    this.#place = place;
    this.#progress = progress;
    this.home = join(place.workshop, `template-${newId()}`);
  }

  async run(deadline: Deadline): Promise<void> {
    const { user, programs } = this.#place;
    makePrivate(this.home, user.ids);
    writeOwned(join(this.home, 'password'), this.#password, user);
    const data = join(this.home, 'data');
    await this.#step('initdb', async () => {
      await this.#initdb(data, deadline);
      writeOwned(join(data, 'postgresql.conf'), this.#template.conf, user);
      writeOwned(join(data, 'pg_hba.conf'), this.#template.hba, user);
    });
    const tls = this.#preparation?.tls;
    if (tls) writeTlsFiles(this.home, tls, user);
    const endpoint = { host: '127.0.0.1', port: await freePort() };
    const server = new Server({
      programs,
      user,
      home: this.home,
      endpoint,
      name: 'the server of the template',
      settings: [...makingSettings, ...tlsSettings(this.home, tls)],
    });
    try {
      await this.#step('starting it', () => server.start(deadline));
      await this.#fill(server, endpoint, deadline);
      await this.#step('stopping it', () => server.end('SIGINT', deadline));
    } finally {
      const soon = Deadline.in(5000);
      if (server.isRunning) await server.kill(soon);
      await server.forget(soon);
      releasePort(endpoint.port);
    }
    await rm(join(data, 'postmaster.opts'), { force: true });
    await rm(server.log, { force: true });
  }

  async clear(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }

  async #initdb(data: string, deadline: Deadline): Promise<void> {
    const { programs, major, user } = this.#place;
    const args = [
      ...['-D', data, ...initdbOptions],
      ...['--auth=scram-sha-256', `--pwfile=${join(this.home, 'password')}`],
      // As in spawn-server.ts; --set came with 16.
      ...(major >= 16 ? ['--set', 'dynamic_shared_memory_type=mmap'] : []),
    ];
    const initdb = (locale: string) =>
      runWell(
        'make a data directory',
        join(programs, 'initdb'),
        [...args, `--locale=${locale}`],
        deadline,
        // A clean-up finds it by its current directory. An initdb that went on would remove the
        // note of its killed server's shared memory.
        // Without TZ it would compare this machine's time zone with every one that it knows, for a
        // setting that the template's own file replaces.
        { user, needsName: true, cwd: this.home, env: { TZ: 'UTC' } },
      );
    const [first, second] = locales;
    await initdb(first).catch((error: unknown) => {
      // Not every system has it.
      if (!/invalid locale/.test(messageOf(error))) throw error;
      return initdb(second);
    });
  }

  async #fill(server: Server, endpoint: Endpoint, deadline: Deadline): Promise<void> {
    const { bootstrapSql, databaseSql, closingSql, database } = this.#template;
    await this.#step('making roles and database', async () => {
      await this.#asBootstrap(server, bootstrapSql, deadline);
      await this.#asBootstrap(server, databaseSql, deadline, database);
    });
    await this.#asTestsRole(server, endpoint, deadline);
    await this.#step('looking at what was left', () =>
      this.#asBootstrap(server, closingSql, deadline),
    );
    const quick = quickVerifier(this.#password);
    await this.#asBootstrap(server, setPassword(bootstrapRole, quick), deadline);
  }

  async #asBootstrap(
    server: Server,
    sql: string,
    deadline: Deadline,
    database = 'postgres',
  ): Promise<void> {
    await server.withSession(
      { user: bootstrapRole, password: this.#password, database },
      (session) => runScript(session, sql, deadline),
      deadline,
    );
  }

  async #asTestsRole(server: Server, endpoint: Endpoint, deadline: Deadline): Promise<void> {
    const { init, user, database } = this.#template;
    if (init.length === 0 && !this.#preparation) return;
    const password = this.#password;
    // It gets its own when a cluster is born.
    await this.#asBootstrap(server, setPassword(user, password), deadline);
    for (const { name, sql } of init) {
      await this.#step(`running ${name}`, () =>
        server.withSession(
          { user, password, database },
          (session) => runScript(session, sql, deadline),
          deadline,
          {},
        ),
      );
    }
    await this.#prepare({ endpoint, password });
    await this.#asBootstrap(server, setPassword(user, undefined), deadline);
  }

  async #prepare(at: { endpoint: Endpoint; password: string }): Promise<void> {
    try {
      await this.#preparation?.run(at, this.#progress);
    } catch (error) {
      const why = this.#place.whyEnded(this.home);
      if (why === undefined) throw error;
      throw new PgClusterError('ERR_PG_CLUSTER_PREPARE', `prepare failed: ${why}`, {
        cause: error,
      });
    }
  }

  async #step(what: string, work: () => Promise<void>): Promise<void> {
    this.#progress.step(`making a data directory: ${what}`);
    try {
      await work();
    } catch (error) {
      const why = this.#place.whyEnded(this.home) ?? withRemedy(messageOf(error));
      throw new PgClusterError(
        'ERR_PG_CLUSTER_IMAGE',
        `the data directory that nodes are copied from could not be made: ${what} failed: ${why}`,
        { cause: error },
      );
    }
  }
}

function setPassword(role: string, password: string | undefined): string {
  const value = password === undefined ? 'NULL' : escapeLiteral(password);
  return `ALTER ROLE ${escapeIdentifier(role)} PASSWORD ${value};`;
}

/**
 * Runs one statement at a time, as psql does; an error says in which line the statement begins. The
 * server interprets a file's bytes: `SET client_encoding` may precede some that are not UTF-8. A
 * byte order mark is skipped.
 */
async function runScript(
  session: Connection,
  script: string | Buffer,
  deadline: Deadline,
): Promise<void> {
  // One character for each byte.
  const text = Buffer.from(script)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '');
  for (const { sql, line } of splitStatements(text)) {
    try {
      await session.run(Buffer.from(sql, 'latin1'), deadline);
    } catch (error) {
      throw new Error(`line ${line}: ${messageOf(error)}`, { cause: error });
    }
  }
}
