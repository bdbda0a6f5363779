import type { Deadline } from '../../base/deadline';
import { type Settings, settingText } from '../../postgres/settings';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { writtenBySystem } from './alter-system';
import { isNodeSetting } from './cluster-settings';

/**
 * What ALTER SYSTEM has set on a node, by `init` or by the user's SQL, and a copy of it is meant to
 * have, too. What makes it this node is left out, and so is what faults have changed: nobody would
 * ever undo that on the copy.
 */
export async function inheritedFrom(
  cluster: Cluster,
  node: Node,
  deadline: Deadline,
): Promise<Settings> {
  const settings = new Map(await writtenBySystem(node, deadline));
  for (const [name, value] of Object.entries(node.shape.settings)) {
    // If the user's SQL has changed it since, it stays.
    if (settings.get(name.toLowerCase()) === settingText(value))
      settings.delete(name.toLowerCase());
  }
  for (const { node: faulty, setting } of cluster.faults.all) {
    if (faulty !== node.name || !setting) continue;
    if (setting.was.inAutoConf) settings.set(setting.name, setting.was.value);
    else settings.delete(setting.name);
  }
  return Object.fromEntries([...settings].filter(([name]) => !isNodeSetting(name)));
}
