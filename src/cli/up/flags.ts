import { parseArgs } from 'node:util';
import type { Rule } from '../../base/value-rules';
import { type OptionName, optionNames, optionTable } from '../../options/option-table';
import { UsageError } from '../command';

/** How `up` was called. */
export interface UpFlags {
  /** Those of the cluster, not checked yet. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly config: string | undefined;
  readonly project: string | undefined;
  readonly detach: boolean;
  /** Which cluster to open a prompt on; '' for the only one. */
  readonly attach: string | undefined;
}

/** The options that a cluster depends on, by their flags. Those for tests mean nothing here. */
const clusterFlags = new Map<string, OptionName>(
  optionNames
    .filter((name) => optionTable[name].changes !== 'tests')
    .map((name) => [flagOf(name), name]),
);

const ownFlags = { config: 'string', project: 'string', detach: 'boolean' } as const;

/** `startTimeoutMs` is `--start-timeout-ms`. */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** @throws `UsageError` */
export function readFlags(args: readonly string[]): UpFlags {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: { ...declared(), attach: { type: 'boolean' } },
  });
  const options: Record<string, unknown> = {};
  const own: Record<string, string | true> = {};
  let attach: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    // `--attach 3f2a`: the id may be left out, which parseArgs does not know.
    if (token.kind === 'positional' && attach === '') attach = token.value;
    else if (token.kind === 'positional')
      throw new UsageError(`${JSON.stringify(token.value)} is not expected here`);
    else if (token.name === 'attach') attach = token.value ?? '';
    else take(token.name, token.value, token.rawName, options, own);
  }
  const text = (name: string) => (typeof own[name] === 'string' ? own[name] : undefined);
  return {
    options,
    config: text('config'),
    project: text('project'),
    detach: own.detach === true,
    attach,
  };
}

function declared(): Record<string, { type: 'string' | 'boolean' }> {
  const switches = [...clusterFlags].filter(([, name]) => isSwitch(name));
  return {
    ...Object.fromEntries(
      [...clusterFlags.keys()].map((flag) => [flag, { type: 'string' as const }]),
    ),
    ...Object.fromEntries(
      switches
        .flatMap(([flag]) => [flag, `no-${flag}`])
        .map((flag) => [flag, { type: 'boolean' as const }]),
    ),
    ...Object.fromEntries(Object.entries(ownFlags).map(([flag, type]) => [flag, { type }])),
  };
}

function take(
  flag: string,
  value: string | undefined,
  rawName: string,
  options: Record<string, unknown>,
  own: Record<string, string | true>,
): void {
  if (flag in ownFlags) {
    const wantsText = ownFlags[flag as keyof typeof ownFlags] === 'string';
    if (wantsText === (value === undefined)) {
      throw new UsageError(wantsText ? `${rawName} needs a value` : `${rawName} takes no value`);
    }
    own[flag] = value ?? true;
    return;
  }
  const negated = clusterFlags.get(flag.replace(/^no-/, ''));
  const name = clusterFlags.get(flag) ?? (flag.startsWith('no-') ? negated : undefined);
  if (!name) throw new UsageError(`there is no flag ${rawName}`);
  if (value === undefined) {
    if (!isSwitch(name)) throw new UsageError(`${rawName} needs a value`);
    options[name] = clusterFlags.has(flag);
    return;
  }
  const former = options[name];
  const given = parsed(name, value);
  // Repeated, it makes a list: --init schema.sql --init rows.sql
  options[name] = former === undefined ? given : [former, given].flat();
}

/** Whether the option can be on or off. */
function isSwitch(name: OptionName): boolean {
  return takes(optionTable[name].rule, true);
}

/** JSON where the option takes what it says, else the text itself: `--database 5` is a name. */
function parsed(name: OptionName, text: string): unknown {
  const { rule } = optionTable[name];
  try {
    const value: unknown = JSON.parse(text);
    return takes(rule, value) || !takes(rule, text) ? value : text;
  } catch {
    return takes(rule, text) || !takes(rule, [text]) ? text : [text];
  }
}

function takes(rule: Rule<unknown>, value: unknown): boolean {
  return 'value' in rule(value, process.cwd());
}
