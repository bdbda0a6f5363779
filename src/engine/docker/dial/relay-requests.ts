import type { Address } from '../client/engine-addresses';

/** What the relay's process can be asked. relay.ts is the owner's end, relay-process.ts the other. */
export type RelayRequest =
  /** Connections to this port of 127.0.0.1 lead to the server of that container. */
  | {
      readonly do: 'open';
      readonly port: number;
      readonly container: string;
      readonly engine: Address;
    }
  | { readonly do: 'close'; readonly port: number }
  /** Answered with why the latest connection has come to nothing; undefined: it has not. */
  | { readonly do: 'why'; readonly port: number };
