import type { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { WrittenSetting } from '../fault-book';
import type { Node } from '../node/node';
import { changeSettings, written } from '../settings/alter-system';
import { awaken } from './preconditions';

/**
 * Changes a setting of a running server, as a fault that heal undoes; resolves to false if it has
 * that value already. Setting the original value again ends the fault.
 */
export async function changeSetting(
  cluster: Cluster,
  node: Node,
  o: {
    readonly name: string;
    readonly unset: string;
    readonly value: string;
    readonly kind: string;
    /** Left out by an act that ends what it has changed itself. */
    readonly again?: () => Promise<void>;
    readonly deadline: Deadline;
  },
): Promise<boolean> {
  const { name, value, kind, deadline } = o;
  const now = (await written(node, name, deadline)) ?? { value: o.unset, inAutoConf: false };
  if (now.value === value) return false;

  const fault = cluster.faults.all.find((found) => found.node === node.name && found.kind === kind);
  const original = fault?.setting?.was ?? now;
  if (value === original.value) {
    await restore(node, name, original, deadline);
    cluster.faults.remove(node.name, kind);
    return true;
  }
  const undo = (healDeadline: Deadline) =>
    node.inTurn(async () => {
      if (await awaken(cluster, node, healDeadline))
        await restore(node, name, original, healDeadline);
    });
  // Before the change: one that was made but not seen in time has to be undone as well.
  const setting = { name, was: original };
  const again = o.again && { again: o.again };
  cluster.faults.add({ node: node.name, kind, setting, undo, ...again, outlivesServer: true });
  await changeSettings(node, { [name]: value }, deadline);
  return true;
}

/** Undoes a changed setting that makes no sense any more. The caller has the node's turn. */
export async function endSetting(
  cluster: Cluster,
  node: Node,
  kind: string,
  deadline: Deadline,
): Promise<void> {
  const fault = cluster.faults.all.find((found) => found.node === node.name && found.kind === kind);
  if (!fault?.setting) return;
  await restore(node, fault.setting.name, fault.setting.was, deadline);
  cluster.faults.remove(node.name, kind);
}

async function restore(
  node: Node,
  name: string,
  to: WrittenSetting,
  deadline: Deadline,
): Promise<void> {
  await changeSettings(node, { [name]: to.inAutoConf ? to.value : undefined }, deadline);
}
