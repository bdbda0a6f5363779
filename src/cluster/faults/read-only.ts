import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { changeSetting } from './setting-fault';

const settingMs = 10_000;

/** Makes new transactions on the master read-only, or ends that. */
export function readOnly(cluster: Cluster, node: Node, on: boolean): Promise<void> {
  return cluster.act(`read-only ${on ? 'on' : 'off'}`, node, async () => {
    if (node !== cluster.master) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${node.name} cannot be made read-only or writable: it is a slave, which is read-only anyway; the master is ${cluster.master.name}`,
      );
    }
    const deadline = Deadline.in(settingMs);
    await node.requireRunning('be made read-only or writable', deadline);
    return changeSetting(cluster, node, {
      name: 'default_transaction_read_only',
      unset: 'off',
      value: on ? 'on' : 'off',
      kind: 'read-only',
      again: () => readOnly(cluster, node, on),
      deadline,
    });
  });
}
