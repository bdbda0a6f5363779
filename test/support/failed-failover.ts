import type { Recording } from '../../src/report/reading/recording';
import type { Happening } from '../../src/report/records';
import { atFirst, node, ran, recordingOf } from './recordings';

const failover = 'orders › keep every acknowledged order through a failover';

const failoverError = `expect(received).toHaveLength(expected)

Expected length: 412
Received length: 411
Received array:  ["o-1", "o-2", "o-3", …]

    48 |   await ledger.stop();
    49 |   const rows = await orders.all();
  > 50 |   expect(rows).toHaveLength(ledger.acknowledged);
       |                ^
    51 | });

    at Object.<anonymous> (test/orders.test.ts:50:16)`;

/** A test that fails after a failover: a pause, a trap, a kill, a promotion, a rejoin. */
export function failedFailover(): Recording {
  const begin = 320;
  const end = begin + 4310;
  const at = (ms: number) => begin + ms;
  const lag = lagOf('pg1', at(0), at(2050), [560, 1460], 2_400_000).concat(
    lagOf('pg2', at(0), end, [1500, 2400], 640_000, [1980, 2300]),
  );
  return recordingOf({}, [
    ...atFirst,
    [210, { kind: 'hook begins', hook: 1, type: 'beforeAll', block: 'orders' }],
    ran('pg0', 214, 262, 'CREATE TABLE', { applicationName: 'migrate' }),
    [266, { kind: 'hook ends', hook: 1, error: null }],
    [268, { kind: 'hook begins', hook: 2, type: 'beforeEach', block: null }],
    ran('pg0', 270, 305, 'TRUNCATE'),
    [316, { kind: 'hook ends', hook: 2, error: null }],
    [begin, { kind: 'test begins', test: 1, name: failover, attempt: 1 }],
    [at(60), { kind: 'ledger', ledger: 1, is: 'begun' }],
    ...writesOf(at(60), at(3900)),
    [at(4010), { kind: 'ledger', ledger: 1, is: 'ended' }],
    ...act(1, at(520), at(548), 'pauseReplay', 'pg1'),
    [at(545), { kind: 'fault on', node: 'pg1', fault: 'paused in its replay' }],
    ...act(2, at(1450), at(1480), 'resumeReplay', 'pg1'),
    [
      at(1478),
      { kind: 'fault off', node: 'pg1', fault: 'paused in its replay', by: 'resumeReplay' },
    ],
    ...act(3, at(1000), at(1012), 'cutAt', 'pg0'),
    [at(1010), { kind: 'fault on', node: 'pg0', fault: 'waiting to cut at COMMIT' }],
    [
      at(1302),
      {
        kind: 'hit',
        node: 'pg0',
        sql: 'COMMIT',
        lost: 'reply',
        tag: 'COMMIT',
        applicationName: 'shop',
      },
    ],
    [at(1302), { kind: 'fault off', node: 'pg0', fault: 'waiting to cut at COMMIT', by: 'cutAt' }],
    ...act(4, at(1700), at(1716), 'kill', 'pg0'),
    [at(1714), { kind: 'fault on', node: 'pg0', fault: 'killed' }],
    [at(1714), node('pg0', 'master', null, 'stopped')],
    ...act(5, at(1730), at(2118), 'failover', null),
    [at(2060), node('pg1', 'master', null, 'running', 2)],
    [at(2062), { kind: 'endpoint', endpoint: 'writer', targets: ['pg1'] }],
    [at(2062), { kind: 'endpoint', endpoint: 'reader', targets: ['pg2'] }],
    [at(2096), node('pg2', 'slave', 'pg1', 'running', 2)],
    ...act(6, at(2400), at(3160), 'rejoin', 'pg0'),
    [at(2890), { kind: 'fault off', node: 'pg0', fault: 'killed', by: 'rejoin' }],
    [at(2890), node('pg0', 'slave', 'pg1', 'running', 2)],
    [at(2895), { kind: 'endpoint', endpoint: 'reader', targets: ['pg0', 'pg2'] }],
    ...act(7, at(3250), at(3262), 'throttle', 'pg2'),
    [at(3261), { kind: 'fault on', node: 'pg2', fault: 'slow: 80 ms' }],
    ...statementsOf(begin),
    ...lag,
    [end, { kind: 'test ends', test: 1, outcome: 'failed', errors: [failoverError] }],
    ...logsOf(begin, end + 20),
    ...act(8, end + 40, end + 130, 'heal', null),
    [end + 90, { kind: 'fault off', node: 'pg2', fault: 'slow: 80 ms', by: 'heal' }],
    [
      end + 300,
      { kind: 'test begins', test: 2, name: 'orders › list what a customer bought', attempt: 1 },
    ],
    ran('pg2', end + 310, end + 316, 'SELECT', { count: 4 }),
    [end + 352, { kind: 'test ends', test: 2, outcome: 'passed', errors: [] }],
    [end + 400, { kind: 'end' }],
  ]);
}

function act(id: number, from: number, until: number, what: string, name: string | null) {
  const during = failover;
  const begin: Happening = { kind: 'act begins', act: id, what, node: name, during };
  const end: Happening = { kind: 'act ends', act: id, outcome: 'done', detail: null };
  return [
    [from, begin],
    [until, end],
  ] as [number, Happening][];
}

function lagOf(
  name: string,
  from: number,
  until: number,
  [begin, end]: readonly [number, number],
  most: number,
  unseen: readonly [number, number] = [0, 0],
): [number, Happening][] {
  const lines: [number, Happening][] = [];
  for (let at = from; at < until; at += 250) {
    const ms = at - from;
    const part = ms < begin || ms > end ? 0 : ((ms - begin) / (end - begin)) ** 1.4;
    const isUnseen = ms >= unseen[0] && ms < unseen[1];
    const bytes = isUnseen ? null : Math.round(most * part);
    lines.push([
      at,
      { kind: 'lag', node: name, bytes, ms: isUnseen ? null : Math.round(part * 900) },
    ]);
  }
  return lines;
}

function writesOf(from: number, until: number): [number, Happening][] {
  const lines: [number, Happening][] = [];
  for (let at = from + 250; at <= until; at += 250) {
    const ms = at - from;
    const isDown = ms > 1700 && ms < 2200;
    const acknowledged = isDown ? 0 : 28 + Math.round(8 * Math.sin(ms / 300));
    const failed = isDown ? 11 : 0;
    const unknown = ms === 1250 ? 1 : ms === 1750 ? 3 : 0;
    lines.push([
      at,
      { kind: 'writes', ledger: 1, acknowledged, failed, unknown, inFlight: isDown ? 4 : 2 },
    ]);
  }
  return lines;
}

function statementsOf(begin: number): [number, Happening][] {
  const lines: [number, Happening][] = [];
  for (let ms = 70; ms < 1690; ms += 90)
    lines.push(ran('pg0', begin + ms, begin + ms + 62, 'INSERT', { count: 9 }));
  for (let ms = 2130; ms < 3950; ms += 90)
    lines.push(ran('pg1', begin + ms, begin + ms + 70, 'INSERT', { count: 9 }));
  for (let ms = 400; ms < 3200; ms += 310)
    lines.push(ran('pg2', begin + ms, begin + ms + 12, 'SELECT', { applicationName: 'dashboard' }));
  lines.push(
    ran('pg0', begin + 1290, begin + 1302, 'COMMIT', { sqlState: '08006' }),
    ran('pg0', begin + 1650, null, 'COMMIT'),
    ran('pg1', begin + 1900, begin + 1904, 'INSERT', { sqlState: '25006', count: 11 }),
    ran('pg1', begin + 2110, begin + 2940, 'SELECT', { applicationName: 'report' }),
    ran('pg1', begin + 4040, begin + 4060, 'SELECT', { applicationName: 'shop' }),
  );
  return lines;
}

function logsOf(begin: number, at: number): [number, Happening][] {
  const line = (ms: number, severity: string, text: string) => ({ at: begin + ms, severity, text });
  return [
    [
      at,
      {
        kind: 'log',
        node: 'pg0',
        lines: [
          line(1303, 'LOG', 'could not send data to client: Connection reset by peer'),
          line(1304, 'FATAL', 'connection to client lost\nSTATEMENT:  COMMIT'),
          line(2520, 'LOG', 'database system was interrupted; last known up at 14:03:07 UTC'),
          line(2560, 'LOG', 'entering standby mode'),
          line(2880, 'LOG', 'started streaming WAL from primary at 0/3000000 on timeline 2'),
        ],
      },
    ],
    [
      at,
      {
        kind: 'log',
        node: 'pg1',
        lines: [
          line(
            1720,
            'FATAL',
            'could not receive data from WAL stream: server closed the connection unexpectedly',
          ),
          line(
            1902,
            'ERROR',
            'cannot execute INSERT in a read-only transaction\nSTATEMENT:  insert into orders …',
          ),
          line(2055, 'LOG', 'received promote request'),
          line(2058, 'LOG', 'selected new timeline ID: 2'),
        ],
      },
    ],
    [
      at,
      {
        kind: 'log',
        node: 'pg2',
        lines: [
          line(1722, 'WARNING', 'terminating walreceiver process due to administrator command'),
        ],
      },
    ],
  ];
}
