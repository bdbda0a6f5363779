import { codeOf, messageOf } from '../base/errors';
import type { Message, Request } from './requests';
import { Switchboard } from './switchboard';

/**
 * A separate process in front of the nodes of all clusters of one owner, so that what passes through
 * need not wait for the tests' own code. It ends with its owner, who talks to it over Node's IPC
 * channel: see wire.ts.
 */
const switchboard = new Switchboard((trap, hit) => tell({ trap, hit }));

function tell(message: Message): void {
  process.send?.(message, undefined, undefined, () => {});
}

process.on('message', ({ id, request }: { id: number; request: Request }) => {
  switchboard.serve(request).then(
    (result) => tell({ id, result }),
    (error: unknown) => tell({ id, problem: { message: messageOf(error), code: codeOf(error) } }),
  );
});
process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', (error) => {
  process.send?.({ died: error.stack ?? messageOf(error) } satisfies Message, () =>
    process.exit(1),
  );
});
// Ctrl-C in a terminal is meant for the owner.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
