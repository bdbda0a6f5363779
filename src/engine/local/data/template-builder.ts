import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { freePort, releasePort } from '../../../base/machine/ports';
import { makePrivate } from '../../../base/machine/private-directory';
import { newId } from '../../../base/new-id';
import type { Progress } from '../../../base/progress';
import type { Connection } from '../../../postgres/connection';
import { quickVerifier } from '../../../postgres/scram';
import { splitStatements } from '../../../postgres/sql-script';
import { initdbOptions, locales } from '../../data-directory-rules';
import { bootstrapRole, type Template } from '../../template';
import { Server } from '../server/server';
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

/** Makes one data directory: initdb, settings, SQL, clean shutdown. */
export class TemplateBuilder {
  readonly home: string;
  readonly #template: Template;
  readonly #place: Workshop;
  readonly #progress: Progress;
  readonly #password = randomBytes(18).toString('base64url');

  constructor(template: Template, place: Workshop, progress: Progress) {
    this.#template = template;
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
    const port = await freePort();
    const server = new Server({
      programs,
      user,
      home: this.home,
      endpoint: { host: '127.0.0.1', port },
      name: 'the server of the template',
    });
    try {
      await this.#step('starting it', () => server.start(deadline));
      await this.#runSql(server, deadline);
      await this.#step('stopping it', () => server.end('SIGINT', deadline));
    } finally {
      const soon = Deadline.in(5000);
      if (server.isRunning) await server.kill(soon);
      await server.forget(soon);
      releasePort(port);
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
        { user, needsName: true, cwd: this.home },
      );
    const [first, second] = locales;
    await initdb(first).catch((error: unknown) => {
      // Not every system has it.
      if (!/invalid locale/.test(messageOf(error))) throw error;
      return initdb(second);
    });
  }

  async #runSql(server: Server, deadline: Deadline): Promise<void> {
    const { bootstrapSql, closingSql } = this.#template;
    const password = this.#password;
    const bootstrap = { user: bootstrapRole, password, database: 'postgres' };
    await this.#step('making roles and database', () =>
      server.withSession(
        bootstrap,
        (session) => runScript(session, bootstrapSql, deadline),
        deadline,
      ),
    );
    await this.#runInit(server, deadline);
    await this.#step('looking at what init has set', () =>
      server.withSession(
        bootstrap,
        (session) => runScript(session, closingSql, deadline),
        deadline,
      ),
    );
    const quick = `ALTER ROLE ${bootstrapRole} PASSWORD ${escapeLiteral(quickVerifier(password))}`;
    await server.withSession(bootstrap, (session) => session.query(quick, [], deadline), deadline);
  }

  async #runInit(server: Server, deadline: Deadline): Promise<void> {
    const { init, user, database } = this.#template;
    if (init.length === 0) return;
    const password = this.#password;
    const role = escapeIdentifier(user);
    const bootstrap = { user: bootstrapRole, password, database: 'postgres' };
    // The tests' role gets its password when a cluster is born. For these files it has one here,
    // too.
    const lend = `ALTER ROLE ${role} PASSWORD ${escapeLiteral(password)}`;
    await server.withSession(bootstrap, (session) => session.query(lend, [], deadline), deadline);
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
    const takeBack = `ALTER ROLE ${role} PASSWORD NULL`;
    await server.withSession(
      bootstrap,
      (session) => session.query(takeBack, [], deadline),
      deadline,
    );
  }

  async #step(what: string, work: () => Promise<void>): Promise<void> {
    this.#progress.step(`making a data directory: ${what}`);
    try {
      await work();
    } catch (error) {
      const why = this.#place.whyEnded(this.home) ?? messageOf(error);
      throw new PgClusterError(
        'ERR_PG_CLUSTER_IMAGE',
        `the data directory that nodes are copied from could not be made: ${what} failed: ${why}`,
        { cause: error },
      );
    }
  }
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
