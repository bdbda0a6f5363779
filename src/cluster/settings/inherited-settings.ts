import type { Deadline } from '../../base/deadline';
import { type Settings, settingText } from '../../postgres/settings';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { writtenBySystem } from './alter-system';
import { isNodeSetting } from './cluster-settings';

/**
 * The settings that a copy of a node takes over: those that `init` or the user's SQL has made there
 * by ALTER SYSTEM. Left out are the settings that make it this node, and those that faults have
 * changed, which nobody would ever undo on the copy.
 */
export async function inheritedFrom(
  cluster: Cluster,
  node: Node,
  deadline: Deadline,
): Promise<Settings> {
  const settings = new Map(await writtenBySystem(node, deadline));
  for (const [name, value] of Object.entries(node.shape.settings)) {
    // A value that the user's SQL has changed since is kept.
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
