import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { makePrivate } from '../../../base/machine/private-directory';
import type { NodeSpec } from '../../engine';
import type { CloneSource, NextStart, NodeSnapshot, WalEnd } from '../../engine-node';
import type { Server } from '../server/server';
import { writeTlsFiles } from '../server/tls-files';
import { appendOwned, writeOwned } from '../system/owned-files';
import { removeDirectories } from '../system/remove-directories';
import type { ServerUser } from '../system/server-user';
import { runBornSqlIn } from './born-sql';
import type { LocalTemplate } from './cached-template';
import type { Unpacked } from './changes';
import { copyRunning } from './copy-data-directory';
import { emptyDirectory, emptyTablespaces } from './empty-directories';
import { endOfWal } from './end-of-wal';
import { type Original, sizeOf } from './original';
import { putBack } from './put-back';
import { SpareCopy } from './spare-copy';

/** So much takes longer to copy than it takes to put back what has changed in it. */
const largeBytes = 100 * 1024 * 1024;

export interface DataDirectoryOptions {
  readonly spec: NodeSpec;
  readonly programs: string;
  readonly user: ServerUser;
  readonly template: LocalTemplate;
  /** The node's directory, in which this one is. */
  readonly home: string;
  /** The data directory of another node of the cluster. */
  readonly dataOf: (name: string) => string;
  /** What a snapshot is unpacked from. */
  readonly originalOf: (snapshot: string) => Original;
}

/** Names the port where clients of the node with that home connect. */
export function clientPortFile(home: string): string {
  return join(home, 'client-port');
}

/** What came of preparing a start. */
interface PreparedStart {
  /** Whether this is a birth whose SQL has yet to be run. */
  readonly lacksBornSql?: boolean;
  /** Where the WAL of the former data ended, if a clone replaced them. */
  readonly lostWal?: WalEnd | undefined;
}

/**
 * The data directory of a node, made ready for each start: as at birth, as a snapshot, as a
 * slave's, or as a clone.
 */
export class DataDirectory {
  readonly path: string;
  readonly #o: DataDirectoryOptions;
  readonly #spare: SpareCopy;
  #unpacked: Unpacked | undefined;
  /** Whether they are as they were unpacked. */
  #isPutBack = false;
  /** Unless that has just failed: not every system can tell what has changed. */
  #canPutBack = true;
  /** What the next start needs; if undefined, nothing special. */
  #next: NextStart | NodeSnapshot | 'birth' | undefined = 'birth';

  constructor(o: DataDirectoryOptions) {
    this.#o = o;
    this.path = join(o.home, 'data');
    this.#spare = new SpareCopy(o.home, o.user);
  }

  /** What the data were made from; undefined if they are a clone's. */
  get unpacked(): Unpacked | undefined {
    return this.#unpacked;
  }

  /** libpq's, for the server's connections to other nodes. */
  get passfile(): string {
    return join(this.#o.home, 'pgpass');
  }

  /** Makes the node's directory, and begins to copy the data, unless the node is to be a clone. */
  async create(deadline: Deadline): Promise<void> {
    const { home, spec, user } = this.#o;
    makePrivate(home, user.ids);
    writeOwned(this.passfile, spec.passfile, user);
    if (spec.tls) writeTlsFiles(home, spec.tls, user);
    writeOwned(clientPortFile(home), `${spec.clientPort ?? spec.port}\n`, user);
    if (!spec.clone) this.#spare.prepare(this.#original(spec.snapshot), deadline);
  }

  /** Resolves when this process writes nothing any more. */
  settled(deadline: Deadline): Promise<void> {
    return this.#spare.settled(deadline);
  }

  /** The server must not run. */
  setNextStart(next: NextStart): void {
    this.#next = next;
  }

  /** The server must not run. Its data are gone then, or those of the snapshot again. */
  async restore(snapshot: NodeSnapshot, deadline: Deadline): Promise<void> {
    await emptyTablespaces(this.path);
    this.#next = snapshot;
    const original = this.#original(snapshot.id);
    // A copy that was made ahead is there sooner.
    const before = this.#spare.has(original) ? undefined : this.#unpacked;
    this.#unpacked = before && (await this.#putBack(before, original, deadline));
    this.#isPutBack = this.#unpacked !== undefined;
    if (before) this.#canPutBack = this.#isPutBack;
    if (!this.#isPutBack) await this.#spare.discard(this.path);
  }

  /** Undefined if all has to be replaced, whatever the reason: that does not need what is there. */
  #putBack(
    before: Unpacked,
    original: Original,
    deadline: Deadline,
  ): Promise<Unpacked | undefined> {
    return putBack(this.path, before, original, this.#o.user, deadline).catch(() => undefined);
  }

  /** Makes a copy ahead of time if that helps, and removes what is not needed any more. */
  expectRestore({ id }: NodeSnapshot): void {
    const { programs, user, spec } = this.#o;
    const original = this.#original(id);
    const isSoonPutBack = this.#unpacked && this.#canPutBack && sizeOf(original) > largeBytes;
    if (!isSoonPutBack) {
      const born = { sql: spec.bornSql, programs, user };
      const finish = (data: string, deadline: Deadline) => runBornSqlIn(data, born, deadline);
      const isToFinish = id === undefined && born.sql !== '';
      this.#spare.prepare(original, undefined, isToFinish ? finish : undefined);
    }
    this.#spare.clear().catch(() => {});
  }

  /** Before each start. */
  async prepare(server: Server, deadline: Deadline): Promise<PreparedStart> {
    const next = this.#next;
    this.#next = undefined;
    if (next === 'birth') return { lacksBornSql: await this.#beBorn(deadline) };
    if (next && 'role' in next) return { lacksBornSql: await this.#beginFrom(next, deadline) };
    return { lostWal: next && (await this.#change(next, server, deadline)) };
  }

  /** Resolves to whether the SQL of a birth has yet to be run. */
  async #beBorn(deadline: Deadline): Promise<boolean> {
    const { clone, role, snapshot, conf } = this.#o.spec;
    if (!clone) return this.#beginFrom({ id: snapshot, role, conf: conf() }, deadline);
    await this.#replaceBy(clone, conf(), deadline);
    return false;
  }

  async #beginFrom({ id, role, conf }: NodeSnapshot, deadline: Deadline): Promise<boolean> {
    const isFinished = !this.#isPutBack && (await this.#takeCopy(this.#original(id), deadline));
    this.#isPutBack = false;
    // The template's own lines are what `init` has set by ALTER SYSTEM.
    if (id === undefined) this.#append('postgresql.auto.conf', conf);
    else this.#write('postgresql.auto.conf', conf);
    if (role === 'slave') {
      this.#write('standby.signal', '');
      // A snapshot has its master's slots, which would keep WAL here for ever.
      await emptyDirectory(join(this.path, 'pg_replslot'));
    }
    return id === undefined && !isFinished;
  }

  /** Resolves to whether the copy was finished ahead of time. */
  async #takeCopy(original: Original, deadline: Deadline): Promise<boolean> {
    const made = await this.#spare.take(original, this.path, deadline);
    this.#unpacked = made.unpacked;
    if (!made.wasAhead) this.#spare.clear().catch(() => {});
    return made.isFinished;
  }

  #original(snapshot: string | undefined): Original {
    const { template, originalOf } = this.#o;
    return snapshot === undefined ? template : originalOf(snapshot);
  }

  /** Makes it a slave's; resolves to the end of the WAL that is lost by that. */
  async #change(
    { clone, conf }: NextStart,
    server: Server,
    deadline: Deadline,
  ): Promise<WalEnd | undefined> {
    if (clone) {
      await server.forget(deadline);
      const { programs, user } = this.#o;
      const lostWal = await endOfWal(programs, this.path, user, deadline);
      await this.#replaceBy(clone, conf, deadline);
      return lostWal;
    }
    this.#write('standby.signal', '');
    this.#append('postgresql.auto.conf', conf);
    return undefined;
  }

  async #replaceBy(source: CloneSource, conf: string, deadline: Deadline): Promise<void> {
    this.#unpacked = undefined;
    const draft = `${this.path}.clone`;
    await removeDirectories([draft], deadline);
    const label = await source.backup(
      () => copyRunning(this.#o.dataOf(source.name), draft, this.#o.user, deadline),
      deadline,
    );
    await removeDirectories([this.path], deadline);
    await rename(draft, this.path);
    this.#write('backup_label', label);
    this.#write('standby.signal', '');
    this.#write('postgresql.auto.conf', conf);
  }

  #write(file: string, text: string): void {
    writeOwned(join(this.path, file), text, this.#o.user);
  }

  #append(file: string, text: string): void {
    appendOwned(join(this.path, file), text, this.#o.user);
  }
}
