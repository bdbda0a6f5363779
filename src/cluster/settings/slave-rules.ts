import { inspect } from 'node:util';
import {
  boolean,
  expected,
  isObject,
  type Rule,
  type Ruled,
  suggestion,
  wholeNumber,
} from '../../base/value-rules';
import type { SlaveOptions } from '../cluster-spec';
import { settingsRule } from './settings-rule';

const atMost = 15;

const rules: Readonly<Record<keyof SlaveOptions, Rule>> = {
  upstream: (value) => ({ value }),
  replayDelayMs: wholeNumber(0, 2_147_483_647),
  synchronous: boolean,
  slot: boolean,
  settings: settingsRule,
};
const known = Object.keys(rules);

/** The option `slaves`: a number, or an array that says what each slave is like. */
export function slavesRule(value: unknown): Ruled<readonly SlaveOptions[]> {
  if (!Array.isArray(value)) {
    const count = wholeNumber(0, atMost)(value, '');
    return 'value' in count
      ? { value: Object.freeze(Array.from({ length: count.value }, () => ({}))) }
      : expected(`a whole number from 0 to ${atMost}, or an array of slaves`, value);
  }
  if (value.length > atMost) {
    return { problem: `has ${value.length} slaves, but ${atMost} is the most` };
  }
  const problems = value.flatMap((slave, index) => slaveProblems(slave, index, `[${index}]`));
  return problems.length > 0
    ? { problem: problems.join('; slaves') }
    : { value: Object.freeze(value.map(frozen)) };
}

function frozen(slave: SlaveOptions): SlaveOptions {
  const { settings } = slave;
  return Object.freeze({ ...slave, ...(settings && { settings: Object.freeze({ ...settings }) }) });
}

/**
 * A slave that is added later. Its upstream is checked only when its turn comes, since nodes may be
 * added and removed until then.
 */
export function furtherSlaveRule(value: unknown): Ruled<SlaveOptions> {
  const wishes: unknown = isObject(value) ? { ...value } : value;
  if (isObject(wishes)) delete wishes.upstream;
  const problems = slaveProblems(wishes, 0, '');
  return problems.length > 0 ? { problem: problems.join('; ') } : { value: value as SlaveOptions };
}

/** Problems of one slave, each of which begins with `name`. */
function slaveProblems(slave: unknown, index: number, name: string): string[] {
  const before = name === '' ? '' : `${name} `;
  const of = name === '' ? '' : `${name}.`;
  if (!isObject(slave)) {
    return [`${before}must be an object like { "slot": true }, not ${inspect(slave)}`];
  }
  return Object.entries(slave).flatMap(([key, value]) => {
    if (!known.includes(key)) {
      return [`${before}has an unknown key "${key}".${suggestion(key, known)}`];
    }
    if (key === 'upstream' && !isEarlierNode(value, index)) {
      const earlier = Array.from({ length: index + 1 }, (_, other) => `'pg${other}'`).join(' or ');
      return [`${of}upstream must be ${earlier}, a node before it, not ${inspect(value)}`];
    }
    const result = rules[key as keyof SlaveOptions](value, '');
    return 'problem' in result ? [`${of}${key} ${result.problem}`] : [];
  });
}

/** Whether it names a node before the slave with this index, which will be pg<index + 1>. */
function isEarlierNode(value: unknown, index: number): boolean {
  const match = typeof value === 'string' ? /^pg(\d+)$/.exec(value) : null;
  return match !== null && Number(match[1]) <= index;
}
