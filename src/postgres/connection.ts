import type { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import type { Client } from 'pg';
import type { Deadline } from '../base/deadline';
import { within } from '../base/deadline';
import { codeOf } from '../base/errors';
import { OneAtATime } from '../base/one-at-a-time';
import { pg } from './driver';
import type { Endpoint } from './endpoint';
import { ownApplicationName } from './own-application-name';
import { laterOwnBackendSettings, ownBackendSettings } from './own-backend-settings';
import { queryBytes } from './raw-query';

/** Who connects to what. */
export interface Login {
  readonly endpoint: Endpoint;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /**
   * How many rounds of SCRAM the server asks for if it knows the password. A server that asks for
   * another number has no password for that role yet: then the connection is dropped before the
   * server logs a failed login.
   */
  readonly rounds?: number;
  /** The authority that the server is known by, in PEM; undefined: no TLS. */
  readonly ca?: string | undefined;
}

/** What a connection is like. By default it is one of the handle's. */
export interface ConnectionOptions {
  readonly applicationName?: string;
  /** Whether it is for our own use, where nothing that users set may have any effect. */
  readonly ours?: boolean;
  /** Settings that override those of the server's files. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Called for each notice or warning. By default the server sends none: see client_min_messages.
   */
  readonly onNotice?: () => void;
}

/**
 * A connection that is never waited for without a deadline. At the deadline its socket is
 * destroyed, since a frozen server would never answer a polite goodbye.
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
    // The deadline of each wait keeps the process alive; an idle connection must not.
    const socket = new Socket().unref();
    const client = new (pg().Client)({
      host: login.endpoint.host,
      port: login.endpoint.port,
      user: login.user,
      password: login.password,
      database: login.database,
      application_name: o.applicationName ?? ownApplicationName,
      stream: () => socket,
      // Explicit, since pg would otherwise take PGSSLMODE and PGOPTIONS from the environment.
      ssl: login.ca === undefined ? false : { ca: login.ca },
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
   * The rows of one statement. It is sent when earlier statements on this connection have ended. If
   * the answer does not come in time, the connection is closed.
   */
  async query<R>(sql: string, params: readonly unknown[], deadline: Deadline): Promise<R[]> {
    try {
      const result = await within(deadline, 'the answer to a query', () =>
        this.#turns.run(() => this.#client.query(sql, params.length > 0 ? [...params] : undefined)),
      );
      // A string of several statements gives several results. The last one counts, as in psql.
      const last: unknown = Array.isArray(result) ? result.at(-1) : result;
      return (last as { rows: R[] }).rows;
    } catch (error) {
      // Not `deadline.expired`: a timer may fire a moment early.
      if (codeOf(error) === 'ERR_PG_CLUSTER_TIMEOUT') this.destroy();
      throw error;
    }
  }

  /** Runs one statement whose bytes are in the connection's client encoding. */
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

/** Reads the server's first message of a SCRAM exchange (RFC 5802): `r=…,s=…,i=4096`. */
function onOtherRounds(client: Client, expected: number | undefined, leave: () => void): void {
  if (expected === undefined) return;
  // Missing in pg's types. pg adds its own listener when it connects, so ours comes first.
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on('authenticationSASLContinue', ({ data }: { data: string }) => {
    if (!data.endsWith(`,i=${expected}`)) leave();
  });
}
