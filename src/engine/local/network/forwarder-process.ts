import { codeOf, messageOf } from '../../../base/errors';
import type { NetworkState } from '../../network-state';
import { Forwarder, type Route } from './forwarder';

/** What the forwarder can be asked. forwarder-client.ts is the owner's end. */
export type Request =
  | { readonly do: 'open'; readonly route: Route }
  | { readonly do: 'close'; readonly name: string }
  | { readonly do: 'hold'; readonly name: string; readonly wanted: NetworkState };

export interface Reply {
  readonly id: number;
  readonly problem?: { readonly message: string; readonly code: string | undefined };
}

/**
 * A separate process in front of one cluster's nodes, so that what passes through need not wait for
 * the tests' own code. It ends with its owner, who talks to it over Node's IPC channel.
 */
const [, , home] = process.argv;
// Not earlier: its loader is found from the owner's directory.
if (home !== undefined) process.chdir(home);
const forwarder = new Forwarder();

async function serve(request: Request): Promise<void> {
  switch (request.do) {
    case 'open':
      return forwarder.open(request.route);
    case 'close':
      return forwarder.close(request.name);
    case 'hold':
      return forwarder.hold(request.name, request.wanted);
  }
}

process.on('message', ({ id, request }: { id: number; request: Request }) => {
  serve(request).then(
    () => process.send?.({ id } satisfies Reply),
    (error: unknown) =>
      process.send?.({
        id,
        problem: { message: messageOf(error), code: codeOf(error) },
      } satisfies Reply),
  );
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C in a terminal is meant for the owner.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
