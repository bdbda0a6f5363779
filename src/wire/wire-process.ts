import '../base/machine/small-heap';
import { Deadline, within } from '../base/deadline';
import { serveOwner } from '../base/machine/helper-owner';
import type { Heard, Hit, Request, ToldHit } from './requests';
import { Switchboard } from './switchboard';

/**
 * A separate process in front of the nodes of all clusters of one owner, so that what passes through
 * need not wait for the tests' own code. It ends with its owner: see wire.ts.
 */
const switchboard = new Switchboard(tellHit);

/** The tests' own code may keep the owner from hearing; then a cut does not wait any longer. */
const heardMs = 1000;
/** The hits that were told, and what to do once the owner has heard of them. */
const told = new Map<number, () => void>();
let lastHit = 0;

const tell = serveOwner<Request, Heard>(
  (request) => switchboard.serve(request),
  ({ heard }) => told.get(heard)?.(),
);

async function tellHit(trap: string, hit: Hit): Promise<void> {
  lastHit += 1;
  const number = lastHit;
  const heard = new Promise<void>((resolve) => told.set(number, resolve));
  tell({ trap, hit, number } satisfies ToldHit);
  await within(Deadline.in(heardMs), 'the owner to hear of a hit', () => heard).catch(() => {});
  told.delete(number);
}
