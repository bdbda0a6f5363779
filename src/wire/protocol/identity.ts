import { ownApplicationName } from '../../postgres/own-application-name';
import { endOfText, textAt } from './frontend-messages';
import { backend } from './message-types';
import type { Runner } from './query-log';

/** Who a client is, as far as it is known. */
export interface ClientIdentity {
  readonly user?: string;
  readonly database?: string;
  readonly applicationName: string;
  /** Of its backend. */
  readonly pid?: number;
}

/** What is found out about a client: by its start-up packet, and by what the server says later. */
export class Identity {
  #known: ClientIdentity = { applicationName: '' };
  #runner: Runner | undefined;
  #isOurs = false;

  get known(): ClientIdentity {
    return this.#known;
  }

  /** One of our own sessions. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  /** The same object as long as nothing changes. */
  get runner(): Runner {
    const { user = '', database = '', applicationName, pid = 0 } = this.#known;
    this.#runner ??= { user, database, applicationName, pid };
    return this.#runner;
  }

  startsUp(parameters: ReadonlyMap<string, string>): void {
    const user = parameters.get('user') ?? '';
    const database = parameters.get('database') || user;
    this.#know({ user, database, applicationName: parameters.get('application_name') ?? '' });
  }

  /** A message of the server's. @returns whether it is about that */
  hears(type: number, bytes: Buffer, start: number, end: number): boolean {
    if (type === backend.parameterStatus) {
      if (textAt(bytes, start, end) === 'application_name') {
        const value = endOfText(bytes, start, end) + 1;
        this.#know({ applicationName: textAt(bytes, value, end) });
      }
      return true;
    }
    if (type !== backend.backendKeyData) return false;
    if (end - start >= 4) this.#know({ pid: bytes.readInt32BE(start) });
    return true;
  }

  #know(more: Partial<ClientIdentity>): void {
    this.#known = { ...this.#known, ...more };
    this.#runner = undefined;
    this.#isOurs = this.#known.applicationName.startsWith(ownApplicationName);
  }
}
