import type { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { Client } from 'pg';
import type { Deadline } from '../base/deadline';
import { within } from '../base/deadline';
import { codeOf } from '../base/errors';
import { OneAtATime } from '../base/one-at-a-time';
import type { Endpoint } from './endpoint';
import { laterOwnBackendSettings, ownBackendSettings } from './own-backend-settings';
import { queryBytes } from './raw-query';

/** Who connects to what. */
export interface Login {
  readonly endpoint: Endpoint;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /**
   * How many rounds of SCRAM the server asks for if it has that password. One that asks for others
   * has none for that role yet: it is left before it logs a failed login.
   */
  readonly rounds?: number;
}

/** What a session is like; that of the handle itself by default. */
export interface ConnectionOptions {
  readonly applicationName?: string;
  /** Whether it is one of our own, on which nothing that users set has any effect. */
  readonly ours?: boolean;
  /** Settings that beat those of the server's files. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called for each notice or warning that the server sends; by default it sends none. */
  readonly onNotice?: () => void;
}

/** Marks our own sessions in pg_stat_activity. */
const applicationName = 'jest-environment-pg-cluster';

/**
 * A connection whose every use is bounded. When time is up its socket is destroyed on the spot:
 * a frozen server would never answer a polite goodbye.
 */
export class Connection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #turns = new OneAtATime();
  #open = true;

  private constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    client.on('error', () => this.destroy());
    client.on('end', () => this.destroy());
  }

  static async open(
    login: Login,
    deadline: Deadline,
    o: ConnectionOptions = {},
  ): Promise<Connection> {
    // Who waits for an answer does so with a deadline, and that keeps the process alive.
    const socket = new Socket().unref();
    const client = new Client({
      host: login.endpoint.host,
      port: login.endpoint.port,
      user: login.user,
      password: login.password,
      database: login.database,
      application_name: o.applicationName ?? applicationName,
      stream: () => socket,
      // Said explicitly, or pg would take PGSSLMODE and PGOPTIONS from the user's environment.
      ssl: false,
      options: Object.entries({
        client_min_messages: 'error',
        ...(o.ours ? ownBackendSettings : {}),
        ...o.settings,
      })
        .map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
        .join(' '),
    });
    if (o.onNotice) client.on('notice', o.onNotice);
    const connection = new Connection(client, socket);
    let refusal: Error | undefined;
    onOtherRounds(client, login.rounds, () => {
      refusal = new Error(`the server knows no password of ${login.user} yet`);
      connection.destroy();
    });
    try {
      await within(deadline, `a connection to ${login.endpoint.host}:${login.endpoint.port}`, () =>
        client.connect(),
      );
      if (o.ours) await connection.query(laterOwnBackendSettings, [], deadline);
      return connection;
    } catch (error) {
      connection.destroy();
      throw refusal ?? error;
    }
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /**
   * The rows of one statement, after those before it on this connection. A connection whose query
   * failed to end in time is closed.
   */
  async query<R>(sql: string, params: readonly unknown[], deadline: Deadline): Promise<R[]> {
    try {
      const result = await within(deadline, 'the answer to a query', () =>
        this.#turns.run(() => this.#client.query(sql, params.length > 0 ? [...params] : undefined)),
      );
      // Several statements in one string give several results; the last one counts, as in psql.
      const last: unknown = Array.isArray(result) ? result.at(-1) : result;
      return (last as { rows: R[] }).rows;
    } catch (error) {
      // Asked of the error: a timer may fire a moment before the deadline.
      if (codeOf(error) === 'ERR_PG_CLUSTER_TIMEOUT') this.destroy();
      throw error;
    }
  }

  /** Runs one statement that is in the encoding of the session, whichever that is. */
  async run(sql: Buffer, deadline: Deadline): Promise<void> {
    await within(deadline, 'the end of a statement', () =>
      this.#turns.run(() => queryBytes(this.#client, sql)),
    );
  }

  destroy(): void {
    this.#open = false;
    this.#socket.destroy();
  }
}

/** Looks at the server's first message of a SCRAM exchange (RFC 5802): `r=…,s=…,i=4096`. */
function onOtherRounds(client: Client, expected: number | undefined, leave: () => void): void {
  if (expected === undefined) return;
  // Not in pg's types. Its own listener is added when it connects, after this one.
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on('authenticationSASLContinue', ({ data }: { data: string }) => {
    if (!data.endsWith(`,i=${expected}`)) leave();
  });
}
