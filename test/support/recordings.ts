import type { Recording } from '../../src/report/reading/recording';
import type { Begin, Happening, RecordLine } from '../../src/report/records';

/** Recordings as they could have been made, for what is drawn from them. */

const header: Begin = {
  kind: 'begin',
  version: 1,
  file: 'test/orders.test.ts',
  project: null,
  startedAt: Date.UTC(2026, 10, 29, 14, 3, 7, 250),
  pid: 4711,
  worker: '1',
  shard: null,
  engine: 'local',
  postgres: 17,
  nodes: ['pg0', 'pg1', 'pg2'],
};

export function recordingOf(
  about: Partial<Begin>,
  lines: readonly (readonly [number, Happening])[],
  rest: Partial<Recording> = {},
): Recording {
  const begin = { ...header, ...about };
  const records: RecordLine[] = [
    { at: 0, ...begin },
    ...lines.map(([at, happening]) => ({ at, ...happening })),
  ];
  return {
    begin,
    records: records.sort((a, b) => a.at - b.at),
    isWhole: records.some(({ kind }) => kind === 'end'),
    problems: [],
    ...rest,
  };
}

/** A master with two slaves. */
export const atFirst: [number, Happening][] = [
  [2, node('pg0', 'master', null)],
  [2, node('pg1', 'slave', 'pg0')],
  [2, node('pg2', 'slave', 'pg0')],
  [2, { kind: 'endpoint', endpoint: 'writer', targets: ['pg0'] }],
  [2, { kind: 'endpoint', endpoint: 'reader', targets: ['pg1', 'pg2'] }],
];

export function node(
  name: string,
  role: 'master' | 'slave' | 'gone',
  upstream: string | null,
  state: 'running' | 'paused' | 'stopped' = 'running',
  timelineId = 1,
): Happening {
  return { kind: 'node', node: name, role, upstream, state, timelineId };
}

export function ran(
  name: string,
  since: number,
  until: number | null,
  sql: string,
  more: { count?: number; sqlState?: string; applicationName?: string } = {},
): [number, Happening] {
  return [
    until ?? since,
    {
      kind: 'statements',
      node: name,
      since,
      until,
      sql,
      count: more.count ?? 1,
      applicationName: more.applicationName ?? 'shop',
      sqlState: more.sqlState ?? null,
      maxMs: until === null ? null : (until - since) / 2,
    },
  ];
}

/** A file in which all passed. */
export function passedFile(): Recording {
  return recordingOf({ file: 'test/cart.test.ts', worker: '2' }, [
    ...atFirst,
    [80, { kind: 'test begins', test: 1, name: 'cart › survives a slow slave', attempt: 1 }],
    ran('pg0', 90, 110, 'INSERT', { count: 20 }),
    [420, { kind: 'test ends', test: 1, outcome: 'passed', errors: [] }],
    [430, { kind: 'test begins', test: 2, name: 'cart › is empty at first', attempt: 1 }],
    [440, { kind: 'test ends', test: 2, outcome: 'passed', errors: [] }],
    [450, { kind: 'end' }],
  ]);
}

/** A file whose process was killed in its second test. */
export function killedFile(): Recording {
  return recordingOf(
    { file: 'test/jobs.test.ts', worker: '3', shard: '2/3' },
    [
      ...atFirst,
      [60, { kind: 'test begins', test: 1, name: 'jobs › run once', attempt: 1 }],
      [900, { kind: 'test ends', test: 1, outcome: 'passed', errors: [] }],
      [940, { kind: 'test begins', test: 2, name: 'jobs › outlive the master', attempt: 1 }],
      [
        1100,
        {
          kind: 'act begins',
          act: 1,
          what: 'pause',
          node: 'pg0',
          during: 'jobs › outlive the master',
        },
      ],
      [1130, { kind: 'act ends', act: 1, outcome: 'done', detail: null }],
      [1130, { kind: 'fault on', node: 'pg0', fault: 'paused' }],
      [1130, node('pg0', 'master', null, 'paused')],
      ran('pg0', 1150, null, 'UPDATE', { applicationName: 'worker' }),
      [3000, { kind: 'lag', node: 'pg1', bytes: null, ms: null }],
    ],
    { problems: ['the last line was torn and is left out'] },
  );
}

/** A failed test in which clients ran `count` statements. */
export function busyFile(count: number): Recording {
  const lines: [number, Happening][] = [...atFirst];
  lines.push([10, { kind: 'test begins', test: 1, name: 'many › statements', attempt: 1 }]);
  for (let i = 0; i < count; i++) {
    lines.push(
      ran(
        `pg${i % 3}`,
        20 + i * 2,
        21 + i * 2,
        'SELECT',
        i % 50 === 0 ? { sqlState: '40001' } : {},
      ),
    );
  }
  const end = 40 + count * 2;
  lines.push([end, { kind: 'test ends', test: 1, outcome: 'failed', errors: ['too many'] }]);
  lines.push([end + 10, { kind: 'end' }]);
  return recordingOf({ file: 'test/many.test.ts' }, lines);
}

/** All that a page could be broken with, wherever a recording has words of somebody else. */
const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)> "'\` $& $1 --> ]]> \u202Eevil\u202C שלום 🐘 \u0000`;

export function hostileFile(): Recording {
  return recordingOf(
    { file: `test/${hostile}.test.ts`, nodes: ['pg0'], engine: hostile, shard: hostile },
    [
      [
        1,
        {
          kind: 'node',
          node: 'pg0',
          role: 'master',
          upstream: null,
          state: 'running',
          timelineId: 1,
        },
      ],
      [5, { kind: 'test begins', test: 1, name: hostile, attempt: 1 }],
      [6, { kind: 'endpoint', endpoint: 'writer', targets: [hostile] }],
      [7, { kind: 'act begins', act: 1, what: hostile, node: 'pg0', during: hostile }],
      [8, { kind: 'act ends', act: 1, outcome: 'failed', detail: hostile }],
      [9, { kind: 'fault on', node: 'pg0', fault: hostile }],
      ran('pg0', 10, 12, hostile, { applicationName: hostile, sqlState: hostile }),
      [
        13,
        {
          kind: 'hit',
          node: 'pg0',
          sql: hostile,
          lost: 'reply',
          tag: hostile,
          applicationName: hostile,
        },
      ],
      [14, { kind: 'left out', what: hostile, count: 3 }],
      [15, { kind: 'fault off', node: 'pg0', fault: hostile, by: hostile }],
      [40, { kind: 'test ends', test: 1, outcome: 'failed', errors: [hostile] }],
      [41, { kind: 'log', node: 'pg0', lines: [{ at: 20, severity: hostile, text: hostile }] }],
      [42, { kind: 'end' }],
    ],
    { problems: [hostile] },
  );
}
