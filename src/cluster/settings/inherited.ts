import type { Deadline } from '../../base/deadline';
import { type Settings, settingText } from '../../postgres/settings';
import type { Fault } from '../fault-book';
import type { Node } from '../node';
import { writtenBySystem } from './node-settings';
import { isNodeSetting } from './settings';

/**
 * What ALTER SYSTEM has set on a node, by `init` or by the user's SQL, and a copy of it is meant to
 * have, too. That is neither what makes it this node, nor what faults have done to it: those are
 * not booked on the copy, so that nobody would ever undo them there.
 */
export async function inheritedFrom(
  node: Node,
  faults: readonly Fault[],
  deadline: Deadline,
): Promise<Settings> {
  const settings = new Map(await writtenBySystem(node, deadline));
  for (const [name, value] of Object.entries(node.shape.settings)) {
    // Unless the user's SQL has changed it since.
    if (settings.get(name.toLowerCase()) === settingText(value))
      settings.delete(name.toLowerCase());
  }
  for (const { node: faulty, setting } of faults) {
    if (faulty !== node.name || !setting) continue;
    if (setting.was.inAutoConf) settings.set(setting.name, setting.was.value);
    else settings.delete(setting.name);
  }
  return Object.fromEntries([...settings].filter(([name]) => !isNodeSetting(name)));
}
