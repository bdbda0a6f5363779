import type { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import { timed } from '../../base/step-times';
import type { Cluster } from '../cluster';
import type { Moment } from '../moment';
import type { Node } from '../node';
import { startInOrder, untilWhole } from './bring-up';
import { endOfLog } from './end-of-log';

/**
 * Puts a cluster, in whatever state it is, back to a moment. It is not asked anything before, and
 * nothing of what was done to it since is undone: its data are replaced, and its servers start.
 *
 * @throws `ERR_PG_CLUSTER_RESET` with the ends of the nodes' logs
 */
export async function putBack(cluster: Cluster, moment: Moment, deadline: Deadline): Promise<void> {
  const members = new Map(moment.members.map((member) => [member.node, member]));
  const concerned = new Set([...cluster.nodes, ...members.keys()]);
  try {
    await cluster.exclusively([...concerned], async () => {
      await cluster.becomeAsAt(moment, deadline);
      const renewals = new Map(
        moment.members.map(({ node, snapshot }) => [
          node,
          timed(`replacing the data of ${node.name}`, () => node.restore(snapshot, deadline)),
        ]),
      );
      const start = async (node: Node) => {
        await renewals.get(node);
        await timed(`starting ${node.name} until it answers`, () => node.start(deadline));
      };
      // All of them end now. The master need not wait for the others, nor they for its start.
      await Promise.all([...renewals.values(), startInOrder(cluster.nodes, start, deadline)]);
      if (moment === cluster.birth) await cluster.settleIn(deadline);
      await timed('replication until all stream', () => untilWhole(cluster, deadline));
      await cluster.leftovers.tryAgain(deadline);
    });
  } catch (error) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_RESET',
      [
        `the cluster could not be put back: ${messageOf(error)}`,
        ...(await Promise.all(moment.members.map(({ node }) => endOfLog(node)))),
      ].join('\n'),
      { cause: error },
    );
  }
  expectPutBack(moment);
}

/** Has the nodes make ready what putting them back to this moment will need. */
export function expectPutBack(moment: Moment): void {
  for (const { node, snapshot } of moment.members) node.engineNode.expectRestore(snapshot);
}
