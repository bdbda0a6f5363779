import { unhealableReason } from '../../src/cluster/lifecycle/unhealable';

const at = '2026-11-24 15:00:00.000 UTC [42] ';

test.each([
  [
    'FATAL:  could not extend file "base/16384/16390": No space left on device',
    /its disk is full: give it room/,
  ],
  ['PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device', /disk is full/],
  [
    'DETAIL:  max_connections = 10 is a lower setting than on the primary server, where its value was 50.',
    /a setting was changed that a slave must not have so/,
  ],
  ['FATAL:  configuration file "/data/postgresql.auto.conf" contains errors', /no server starts/],
  [
    'FATAL:  could not connect to the primary server: FATAL:  password authentication failed for user "pgcluster_replication"',
    /slaves may not log in any more/,
  ],
])('%s will not pass by itself', (line, remedy) => {
  const log = `${at}LOG:  starting\n${at}${line}\n${at}LOG:  database system is shut down`;
  const said = line.replace(/ +/g, ' ');
  expect(unhealableReason(log)).toEqual({ said, remedy: expect.stringMatching(remedy) });
});

test.each([
  ['a client’s own error', 'ERROR:  could not extend file "base/1/2": No space left on device'],
  ['an upstream that is not there yet', 'FATAL:  could not connect to the primary server: refused'],
  ['a start', 'FATAL:  the database system is starting up'],
])('%s may pass', (_, line) => {
  expect(unhealableReason(`${at}${line}`)).toBeUndefined();
});
