import { QueryLog } from '../../src/wire/protocol/query-log';
import { type Passing, Session } from '../../src/wire/protocol/session';
import { Traps } from '../../src/wire/protocol/traps';
import type { Ending, Hit, QueryRecord, TrapSpec } from '../../src/wire/requests';
import { server, startup } from './pg-messages';

const all = (passing: Passing) => (Buffer.isBuffer(passing) ? [passing] : [...passing]);

/** A session of the wire between a client and a server that are none. */
export class TalkedSession {
  readonly traps: Traps;
  readonly log: QueryLog;
  readonly session: Session;
  readonly hits: Hit[] = [];
  cut: Ending | undefined;
  readonly #toServer: Buffer[] = [];
  readonly #toClient: Buffer[] = [];

  constructor(of: { traps: Traps; log: QueryLog } = { traps: new Traps(), log: new QueryLog() }) {
    this.traps = of.traps;
    this.log = of.log;
    this.session = new Session(of, {
      toServer: (bytes) => this.#toServer.push(bytes),
      cut: (ending) => {
        this.cut = ending;
      },
    });
  }

  arm(spec: Partial<TrapSpec> & Pick<TrapSpec, 'pattern'>, id = 'trap'): this {
    const whole: TrapSpec = { lose: 'reply', ending: 'reset', times: 1, ...spec };
    this.traps.arm(id, whole, (hit) => void this.hits.push(hit));
    return this;
  }

  /** A client says that. @returns what the server gets */
  says(...messages: Buffer[]): Buffer {
    this.#toServer.push(...all(this.session.fromClient(Buffer.concat(messages))));
    return this.#takeAll(this.#toServer);
  }

  /** A server answers that. @returns what the client gets */
  answers(...messages: Buffer[]): Buffer {
    this.#toClient.push(...all(this.session.fromServer(Buffer.concat(messages))));
    return this.#takeAll(this.#toClient);
  }

  /** What the server has got that no client's chunk brought. */
  injected(): Buffer {
    return this.#takeAll(this.#toServer);
  }

  /** Without what no two runs have in common. */
  records(o: { parameters?: boolean } = {}): Partial<QueryRecord>[] {
    return this.log.tell(o).map(({ at, durationMs, ...rest }) => rest);
  }

  tags(): (readonly [string, string | null])[] {
    return this.log.tell({}).map(({ sql, tag, sqlState }) => [sql, tag ?? sqlState] as const);
  }

  #takeAll(from: Buffer[]): Buffer {
    return Buffer.concat(from.splice(0));
  }
}

/** One whose client has logged in. */
export function loggedIn(of?: { traps: Traps; log: QueryLog }): TalkedSession {
  const it = new TalkedSession(of);
  it.says(startup({ user: 'ann', database: 'shop', application_name: 'app' }));
  it.answers(server.authenticationOk, server.key(7), server.ready());
  return it;
}
