import type { DiagnosedEngine, DiagnosedEngines } from '../engine/diagnose-engines';
import type { Fact, Kept, Limit, Tried } from '../engine/diagnosis';
import { formatAge, formatBytes } from './amounts';

/** What the doctor has found, for people. */
export function doctorText(found: DiagnosedEngines): string {
  const lines = [verdict(found), ...found.all.flatMap((one) => ['', ...engineLines(one)])];
  return `${lines.join('\n')}\n`;
}

function verdict({ auto }: DiagnosedEngines): string {
  if (!auto) return "engine: 'auto' finds nothing that would run nodes here.";
  const { entry, diagnosis } = auto.taken;
  const sentence = `engine: 'auto' runs nodes ${entry.how}, since ${auto.why}.`;
  return diagnosis.problem === undefined
    ? sentence
    : `${sentence}\nThat would not work: ${diagnosis.problem}`;
}

function engineLines({ entry, diagnosis }: DiagnosedEngine): string[] {
  const { opens, problem, tried, facts, limits, kept } = diagnosis;
  const works = opens && problem === undefined;
  return [
    `engine: '${entry.kind}' ${works ? 'would run nodes' : `would not: ${problem}`}`,
    ...section('looked for', tried.filter(({ isAuto }) => isAuto).map(triedLine)),
    ...section('also here', tried.filter(({ isAuto }) => !isAuto).map(triedLine)),
    ...section('found', factLines(facts)),
    ...section('limits', limits.map(limitLine)),
    ...section('kept for the next run', keptLines(kept)),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${line}`)];
}

function triedLine({ name, where, works, isTaken, said, help }: Tried): string {
  const mark = isTaken ? '*' : works ? '+' : '-';
  const at = where.includes(name) ? where : `${name}, ${where}`;
  return `${mark} ${at}: ${said}${arrow(help)}`;
}

function limitLine({ what, help }: Limit): string {
  return `! ${what}${arrow(help)}`;
}

function arrow(help: string | undefined): string {
  return help ? ` -> ${help}` : '';
}

function factLines(facts: readonly Fact[]): string[] {
  const told = facts.filter(({ value }) => value !== null);
  const width = Math.max(0, ...told.map(({ label }) => label.length));
  return told.map((fact) => `${fact.label.padEnd(width)}  ${textOf(fact)}`);
}

function textOf({ key, value }: Fact): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' && key.endsWith('Bytes') ? formatBytes(value) : String(value);
}

const plurals = {
  images: 'templates as images',
  template: 'templates',
  programs: 'copies of programs',
};

function keptLines(kept: readonly Kept[]): string[] {
  return (['images', 'template', 'programs'] as const).flatMap((kind) => {
    const some = kept.filter((one) => one.kind === kind);
    if (some.length === 0) return [];
    const bytes = some.reduce((sum, one) => sum + one.bytes, 0);
    const oldest = Math.max(...some.map(({ unusedMs }) => unusedMs));
    return [
      `${some.length} ${plurals[kind]}, ${formatBytes(bytes)}; the oldest was used ${formatAge(oldest)} ago`,
    ];
  });
}
