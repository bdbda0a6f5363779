import { Deadline, within } from '../base/deadline';
import { codeOf, messageOf } from '../base/errors';
import type { Hit, Message, OwnersMessage } from './requests';
import { Switchboard } from './switchboard';

/**
 * A separate process in front of the nodes of all clusters of one owner, so that what passes through
 * need not wait for the tests' own code. It ends with its owner, who talks to it over Node's IPC
 * channel: see wire.ts.
 */
const switchboard = new Switchboard(tellHit);

/** The tests' own code may keep the owner from hearing; then a cut does not wait any longer. */
const heardMs = 1000;
/** The hits that were told, and what to do once the owner has heard of them. */
const told = new Map<number, () => void>();
let lastHit = 0;

async function tellHit(trap: string, hit: Hit): Promise<void> {
  lastHit += 1;
  const number = lastHit;
  const heard = new Promise<void>((resolve) => told.set(number, resolve));
  tell({ trap, hit, number });
  await within(Deadline.in(heardMs), 'the owner to hear of a hit', () => heard).catch(() => {});
  told.delete(number);
}

function tell(message: Message): void {
  process.send?.(message, undefined, undefined, () => {});
}

process.on('message', (message: OwnersMessage) => {
  if ('heard' in message) {
    told.get(message.heard)?.();
    return;
  }
  const { id, request } = message;
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
