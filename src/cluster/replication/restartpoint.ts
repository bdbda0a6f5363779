import type { Deadline } from '../../base/deadline';
import type { Node } from '../node';
import { waitForCatchup } from './streaming';

/**
 * Has a slave that is started again begin at what it has replayed by now. Before its replay is
 * delayed: it would else hold back again what it has replayed already, the passwords of a young
 * cluster among it, and nobody could log in.
 */
export async function makeRestartpoint(
  master: Node,
  slave: Node,
  deadline: Deadline,
): Promise<void> {
  await master.sql('CHECKPOINT', [], deadline);
  await waitForCatchup(master, [slave], deadline);
  await slave.sql('CHECKPOINT', [], deadline);
}
