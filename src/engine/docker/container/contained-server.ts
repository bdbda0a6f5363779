import type Docker from 'dockerode';
import { Deadline, within } from '../../../base/deadline';
import { codeOf, PgClusterError } from '../../../base/errors';
import type { NodeSpec } from '../../engine';
import { type NodeSnapshot, type WalEnd, walEnd } from '../../engine-node';
import { call } from '../client/api-call';
import { tar } from '../image/build-context';
import { StartScript } from './start-script';

const aheadMs = 10_000;
const born = 'born';

/** What only the server may know. */
export type Secrets = Pick<NodeSpec, 'passfile' | 'bornSql' | 'tls'>;

/**
 * The server of one container, which can be started and restored while the container stays: its
 * start would take most of the time. start-node.sh does the work.
 */
export class ContainedServer {
  readonly #name: string;
  readonly #container: Docker.Container;
  readonly script: StartScript;
  /** Sees to it that the data of a snapshot are in the container. */
  readonly #bring: (snapshot: string, deadline: Deadline) => Promise<void>;
  /** What the container knows of each snapshot. */
  readonly #told = new Map<string, string>();
  /** Kept until the container has them. */
  #secrets: Secrets | undefined;
  #awaitsStart = false;
  /** Settled when a container that is started ahead runs. */
  #ready: Promise<void> = Promise.resolve();
  #isStarting = false;
  /** What is being prepared in the background. It tells the container first. */
  #expecting: Promise<void> = Promise.resolve();

  constructor(o: {
    name: string;
    container: Docker.Container;
    secrets: Secrets;
    bring: (snapshot: string, deadline: Deadline) => Promise<void>;
  }) {
    this.#name = o.name;
    this.#container = o.container;
    this.script = new StartScript(o.name, o.container);
    this.#secrets = o.secrets;
    this.#bring = o.bring;
  }

  /** Whether the container runs, but no server in it, until `start`. */
  get awaitsStart(): boolean {
    return this.#awaitsStart;
  }

  /** The container is being started; its server waits for `start`. */
  containerStartsAhead(starting: Promise<void>): void {
    this.#awaitsStart = true;
    this.#ready = starting;
    this.#isStarting = true;
    const settled = () => {
      this.#isStarting = false;
    };
    // Whoever starts or restores the server gets the error.
    starting.then(settled, settled);
  }

  /** Starts the container, and gives it its secrets the first time. */
  async startContainer(start: () => Promise<void>, deadline: Deadline): Promise<void> {
    this.script.hangUp();
    const secrets = this.#secrets;
    if (secrets === undefined) return start();
    await this.script.open(deadline);
    const given = this.#give(secrets, deadline);
    // A start that fails ends the line as well, but its own error says why: a port is taken, say.
    given.catch(() => {});
    try {
      await start();
      await given;
    } catch (error) {
      this.script.hangUp();
      throw error;
    }
    this.#secrets = undefined;
  }

  async #give({ passfile, bornSql, tls }: Secrets, deadline: Deadline): Promise<void> {
    const { cert = '', key = '', hba = '' } = tls ?? {};
    const files = { pgpass: passfile, sql: bornSql, cert, key, hba };
    for (const [file, text] of Object.entries(files)) {
      const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
      for (const line of lines) {
        await this.script.tell(`${file} ${line}`, deadline);
      }
    }
    await this.script.ask('born', `${this.#name} to take its secrets`, deadline);
  }

  /** In a container that runs: ends the server, and replaces its data. */
  async restore(snapshot: NodeSnapshot, deadline: Deadline): Promise<void> {
    await within(deadline, `${this.#name} to be ready`, () => this.#ready);
    await this.#expected(deadline);
    const which = await this.#choose(snapshot, deadline);
    this.#awaitsStart = true;
    await this.script.ask(`restore ${which}`, `the data of ${this.#name} to be restored`, deadline);
  }

  /** In a container that does not run: as soon as it is started. */
  async restoreAtNextStart(snapshot: NodeSnapshot, deadline: Deadline): Promise<void> {
    await this.#expected(deadline);
    const which = await this.#choose(snapshot, deadline);
    await this.#put([['run/next-start.restore', which]], deadline);
  }

  /** Starts the server of a container that awaits it. */
  async start(deadline: Deadline): Promise<void> {
    await within(deadline, `${this.#name} to be ready`, () => this.#ready);
    await this.script.ask('start', `the server of ${this.#name} to be started`, deadline);
    this.#awaitsStart = false;
  }

  /**
   * Waits until this start has replaced the data, and resolves to where their WAL ended. Undefined
   * if that is not known, or if the container has ended: others find out why.
   */
  async lostWal(deadline: Deadline): Promise<WalEnd | undefined> {
    const what = `the data of ${this.#name} to be replaced`;
    const said = await this.script.ask('lost-wal', what, deadline).catch((error: unknown) => {
      if (codeOf(error) !== 'ERR_PG_CLUSTER_ENGINE') throw error;
      return '';
    });
    return walEnd(said);
  }

  /** Ends the server by a signal, and the container with it. */
  async end(signal: string, deadline: Deadline): Promise<void> {
    await this.script.tell(`end ${signal}`, deadline);
  }

  /** The container does not run; one that is being started will. */
  containerEnded(): void {
    if (this.#isStarting) return;
    this.#awaitsStart = false;
    this.#ready = Promise.resolve();
  }

  /** Prepares a restore, as far as possible while the server runs. */
  expect(snapshot: NodeSnapshot): void {
    this.#expecting = this.#expecting
      .then(async () => {
        const deadline = Deadline.inBackground(aheadMs);
        const which = await this.#choose(snapshot, deadline);
        await this.script.tell(`prepare ${which}`, deadline);
      })
      // What fails here is done when it is needed.
      .catch(() => {});
  }

  /**
   * Waits for the preparations: two writers of files in the container would be in each other's way.
   */
  async #expected(deadline: Deadline): Promise<void> {
    await within(deadline, `${this.#name} to be told what to expect`, () => this.#expecting);
  }

  /** Tells the container all about a snapshot, and resolves to its name there. */
  async #choose({ id, role, conf }: NodeSnapshot, deadline: Deadline): Promise<string> {
    if (id === undefined) return born;
    const what = JSON.stringify({ role, conf });
    if (this.#told.get(id) === what) return id;
    await this.#bring(id, deadline);
    await this.#put(
      [
        [`snapshots/${id}/postgresql.auto.conf`, conf],
        [`snapshots/${id}/role`, role],
      ],
      deadline,
    );
    this.#told.set(id, what);
    return id;
  }

  async #put(files: [name: string, content: string][], deadline: Deadline): Promise<void> {
    const archive = await tar(files);
    await call(deadline, `tell ${this.#name} what to begin with`, (abortSignal) =>
      this.#container.putArchive(archive, { path: '/pg-cluster', abortSignal }),
    );
  }
}

/** @throws `ERR_PG_CLUSTER_ENGINE` */
export function refuseGone(name: string, detail: string): never {
  throw new PgClusterError('ERR_PG_CLUSTER_ENGINE', `${name} cannot be restored: ${detail}`);
}
