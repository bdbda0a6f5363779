import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { type Series, type Summary, summarize } from './table';

const root = join(__dirname, '..', '..');

/** Where the figures are, from a tree's root. */
const figuresFile = join('test', 'bench', 'bench.json');

/** What a run of the bench has measured, as it is kept. */
export interface Figures {
  readonly machine: string;
  readonly date: string;
  /** With a `+` if the tree had changes that were not in it. */
  readonly commit: string;
  readonly rounds?: number;
  /** Written by hand: what else a reader should know of the run. */
  readonly note?: string;
  readonly tables: Readonly<Record<string, Table>>;
}

interface Table {
  readonly unit: string;
  readonly rows: Readonly<Record<string, Summary>>;
}

/** @param base the row that others are compared with */
export type Measured = [series: Series, base?: string | undefined, unit?: string];

export function figuresOf(rounds: number, measured: Record<string, Measured>): Figures {
  const tables = Object.entries(measured).map(([title, [series, , unit = 's']]) => [
    title,
    { unit, rows: summarize(series) },
  ]);
  return {
    machine: machine(),
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    rounds,
    tables: Object.fromEntries(tables),
  };
}

export function machine(): string {
  return `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const changed = git(
    'status',
    '--porcelain',
    '--untracked-files=no',
    '--',
    '.',
    `:!${figuresFile}`,
  );
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
}

/** A row a line, so that two runs can be compared by their diff. */
export function writeFigures(figures: Figures): string {
  const round = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value;
  const text = JSON.stringify(figures, round, 2).replaceAll(
    /\{\s+"median": (\S+),\s+"min": (\S+),\s+"max": (\S+)\s+\}/g,
    '{ "median": $1, "min": $2, "max": $3 }',
  );
  writeFileSync(join(root, figuresFile), `${text}\n`);
  return relative(process.cwd(), join(root, figuresFile));
}

/** @param folder the tree's root */
export function readFigures(folder: string): Figures {
  return JSON.parse(readFileSync(join(folder, figuresFile), 'utf8'));
}

/** @throws if the run has not measured it: the bench has changed since */
export function rowOf(figures: Figures, title: string, name: string): Summary & { unit: string } {
  const table = figures.tables[title];
  const row = table?.rows[name];
  if (table === undefined || row === undefined) {
    throw new Error(
      `${figuresFile} has no row "${name}" in "${title}"; \`npm run bench\` measures what there is now`,
    );
  }
  return { ...row, unit: table.unit };
}

/** With two digits, as medians of a few rounds deserve: `0.21 s`, `1.2 s`, `89 s`. */
export function amount(value: number, unit = ''): string {
  const digits = value >= 99.5 ? String(Math.round(value)) : value.toPrecision(2);
  return unit === '' ? digits : `${digits} ${unit}`;
}
