import { inspect } from 'node:util';
import { expected, isObject, type Ruled } from '../../base/value-rules';
import type { Settings } from '../../postgres/settings';
import { isOwnSetting } from './cluster-settings';

/** The option `settings`, of all nodes or of one. */
export function settingsRule(value: unknown): Ruled<Settings> {
  if (!isObject(value)) {
    return expected('an object like { "work_mem": "8MB" }', value);
  }
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(value)) {
    if (!/^[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)*$/i.test(name)) {
      problems.push(`has the name ${JSON.stringify(name)}, which is no name of a setting`);
    } else if (isOwnSetting(name)) {
      problems.push(`cannot have ${name}: the environment sets it itself`);
    } else if (!['string', 'number', 'boolean'].includes(typeof setting)) {
      problems.push(`has ${name}: ${inspect(setting)}, but it takes a string, number or boolean`);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    } else if (typeof setting === 'string' && /[\x00\n\r]/.test(setting)) {
      problems.push(`has ${name} with a line break or NUL, which postgresql.conf cannot hold`);
    } else if (typeof setting === 'number' && !Number.isFinite(setting)) {
      problems.push(`has ${name}: ${setting}, which is no finite number`);
    }
  }
  // Each value has passed above.
  return problems.length > 0
    ? { problem: problems.join('; settings ') }
    : { value: Object.freeze({ ...value }) as Settings };
}
