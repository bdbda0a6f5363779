import { type InspectOptions, inspect, types } from 'node:util';
import { codeOf, messageOf } from '../base/errors';
import { grid } from './grid';

/** Text that is shown as it is. */
export class Shown {
  constructor(readonly text: string) {}
}

export function shown(text: string): Shown {
  return new Shown(text);
}

const mostRows = 200;

/** A value as a person reads it: rows as a table, an error by its message, the rest as Node does. */
export function showValue(value: unknown, options: InspectOptions): string {
  if (value instanceof Shown) return value.text;
  if (types.isNativeError(value)) return showError(value);
  return isRows(value) ? showRows(value) : inspect(value, options);
}

function showError(error: Error): string {
  const code = codeOf(error);
  return `${error.name}${code === undefined || error.name.includes(code) ? '' : ` [${code}]`}: ${messageOf(error)}`;
}

/** What a query gives: objects that all have the same keys. */
function isRows(value: unknown): value is Record<string, unknown>[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const [first] = value as unknown[];
  if (typeof first !== 'object' || first === null) return false;
  const keys = Object.keys(first).join();
  return (value as unknown[]).every(
    (row) =>
      typeof row === 'object' && row !== null && isData(row) && Object.keys(row).join() === keys,
  );
}

/** Handles have methods. */
function isData(row: object): boolean {
  return Object.values(Object.getOwnPropertyDescriptors(row)).every(
    ({ get, value }) => get === undefined && typeof value !== 'function',
  );
}

function showRows(rows: readonly Record<string, unknown>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const table = grid(
    names,
    rows.slice(0, mostRows).map((row) => names.map((name) => cellOf(row[name]))),
  );
  const rest = rows.length - mostRows;
  return rest > 0 ? `${table}\n… and ${rest} more rows` : table;
}

function cellOf(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('\n', '⏎');
  return types.isDate(value) ? value.toISOString() : inspect(value, { breakLength: Infinity });
}
