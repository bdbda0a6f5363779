import { existsSync } from 'node:fs';
import { CleanupStack } from '../../base/cleanup-stack';
import type { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import type { Endpoint } from '../../postgres/endpoint';
import { atLimit, unsupported } from '../engine-errors';
import type {
  EngineNode,
  EngineNodeState,
  NextStart,
  NodeSnapshot,
  Started,
  StopMode,
} from '../engine-node';
import { runBornSqlOver } from './data/born-sql';
import type { Unpacked } from './data/changes';
import { DataDirectory, type DataDirectoryOptions } from './data/data-directory';
import type { DataBounds } from './directories/data-bounds';
import { lacks } from './lacks';
import { nodeState } from './node-state';
import { freeze, thaw } from './server/freeze-and-kill';
import { Server } from './server/server';
import { ServerLog } from './server/server-log';
import { tlsSettings } from './server/tls-files';
import { removeDirectories } from './system/remove-directories';

/** "Shutting Down the Server" in PostgreSQL's manual. */
const stopSignals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

interface LocalNodeOptions extends DataDirectoryOptions {
  /** How much its data may take. */
  readonly bounds: DataBounds;
  readonly endpoint: Endpoint;
}

/** A node that is a server process of this machine. */
export class LocalNode implements EngineNode {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly #o: LocalNodeOptions;
  readonly #directory: DataDirectory;
  readonly #server: Server;
  readonly #log: ServerLog;

  constructor(o: LocalNodeOptions) {
    this.#o = o;
    this.name = o.spec.name;
    this.endpoint = o.endpoint;
    this.#directory = new DataDirectory(o);
    this.#server = new Server({
      programs: o.programs,
      user: o.user,
      home: o.home,
      endpoint: o.endpoint,
      name: this.name,
      env: { PGPASSFILE: this.#directory.passfile },
      settings: tlsSettings(o.home, o.spec.tls),
    });
    this.#log = new ServerLog(this.#server.log, o.user);
  }

  get data(): string {
    return this.#server.data;
  }

  /** What its data were made from, if that is known. */
  get unpacked(): Unpacked | undefined {
    return this.#directory.unpacked;
  }

  /** Makes its directory; nothing runs yet. */
  create(deadline: Deadline): Promise<void> {
    this.#o.bounds.forget(this.#o.home);
    return this.#directory.create(deadline);
  }

  /** Resolves when only the server still writes to its directory. */
  settled(deadline: Deadline): Promise<void> {
    return this.#directory.settled(deadline);
  }

  async start(deadline: Deadline): Promise<Started> {
    const why = this.#o.bounds.whyEnded(this.#o.home);
    if (why !== undefined) throw atLimit(this.name, why);
    this.#log.noteStart();
    const { lacksBornSql, lostWal } = await this.#directory.prepare(this.#server, deadline);
    await this.#server.start(deadline);
    if (lacksBornSql) {
      const { spec, template } = this.#o;
      await runBornSqlOver(
        this.#server,
        { sql: spec.bornSql, password: template.password },
        deadline,
      );
    }
    return { lostWal };
  }

  async stop(mode: StopMode, deadline: Deadline): Promise<void> {
    await this.#server.end(stopSignals[mode], deadline);
  }

  async kill(deadline: Deadline): Promise<void> {
    await this.#server.kill(deadline);
  }

  /** Whoever asks for its log gets that of the node whose place it takes, too. */
  async continuesLogOf(former: LocalNode | undefined): Promise<void> {
    if (former) await this.#log.continues(former.#log);
  }

  async setNextStart(next: NextStart): Promise<void> {
    if (next.clone) this.#o.bounds.forget(this.#o.home);
    this.#directory.setNextStart(next);
  }

  async restore(snapshot: NodeSnapshot, deadline: Deadline): Promise<void> {
    await this.#server.endAtOnce(deadline);
    await this.#directory.restore(snapshot, deadline);
    this.#o.bounds.forget(this.#o.home);
  }

  expectRestore(snapshot: NodeSnapshot): void {
    this.#directory.expectRestore(snapshot);
  }

  async pause(deadline: Deadline): Promise<void> {
    await freeze(this.#requirePid(), deadline);
  }

  async unpause(deadline: Deadline): Promise<void> {
    await thaw(this.#requirePid(), deadline);
  }

  async setNetwork(): Promise<void> {
    throw unsupported(
      { kind: 'local', lacks },
      'network faults',
      `${this.name} cannot be disconnected`,
    );
  }

  async fillDisk(): Promise<void> {
    throw unsupported(
      { kind: 'local', lacks },
      'disk faults',
      `the disk of ${this.name} cannot be filled`,
    );
  }

  async freeDisk(): Promise<void> {
    throw unsupported(
      { kind: 'local', lacks },
      'disk faults',
      `the disk of ${this.name} cannot be freed`,
    );
  }

  state(deadline: Deadline): Promise<EngineNodeState> {
    return nodeState(this.#server, this.#o, deadline);
  }

  /** Never so: its server is a process in the same network as this one. */
  async whyUnreachable(): Promise<undefined> {}

  logs(from: number): Promise<string> {
    return this.#log.since(from);
  }

  async remove(deadline: Deadline): Promise<void> {
    const { home } = this.#o;
    const cleanup = new CleanupStack();
    cleanup.add(home, (by) => removeDirectories([home], by));
    if (existsSync(this.data)) {
      cleanup.add(`the traces of ${this.name}`, (by) => this.#server.forget(by));
      cleanup.add(`the server of ${this.name}`, (by) => this.#server.kill(by));
    }
    cleanup.add(`copies for ${this.name}`, (by) => this.settled(by));
    await cleanup.run(deadline);
  }

  #requirePid(): number {
    const { pid, detail } = this.#server;
    if (pid !== undefined) return pid;
    throw new PgClusterError('ERR_PG_CLUSTER_STATE', `${this.name} does not run: ${detail}`);
  }
}
