import { Client } from 'pg';
import { codeOf, messageOf } from '../../src/base/errors';
import { progressTo } from '../../src/base/progress';
import { isOwnSetting } from '../../src/cluster/settings/cluster-settings';
import { primaryConninfo } from '../../src/cluster/settings/node-conf';
import { demultiplex } from '../../src/engine/docker/client/log-frames';
import { connectionUrl } from '../../src/postgres/connection-url';
import { scramVerifier } from '../../src/postgres/scram';
import { formatSettings } from '../../src/postgres/settings';

test.each([`plain`, `o'b"r\\ien`, 'a b/c:d@e&f=g+h$i,j;k%20l%m', 'données 東京'])(
  'pg reads from a URL the names that went into it: %s',
  (name) => {
    const url = connectionUrl({
      user: name,
      password: `${name}?#`,
      endpoints: [{ host: '127.0.0.1', port: 5432 }],
      database: name,
    });
    const { user, password, host, port, database } = new Client(url);
    expect({ user, password, host, port, database }).toEqual({
      user: name,
      password: `${name}?#`,
      host: '127.0.0.1',
      port: 5432,
      database: name,
    });
  },
);

test('a URL over several hosts is written as libpq reads it', () => {
  const endpoints = [5001, 5002].map((port) => ({ host: '127.0.0.1', port }));
  const o = { user: 'u', password: 'p', database: 'd', endpoints };
  expect(connectionUrl({ ...o, targetSessionAttrs: 'read-write' })).toBe(
    'postgres://u:p@127.0.0.1:5001,127.0.0.1:5002/d?target_session_attrs=read-write',
  );
});

test('a URL of a secure connection says by which file the server is known', () => {
  const endpoints = [{ host: '127.0.0.1', port: 5001 }];
  const o = { user: 'u', password: 'p', database: 'd', endpoints, caFile: '/tmp/a b&c/ca.crt' };
  expect(connectionUrl({ ...o, targetSessionAttrs: 'any' })).toBe(
    'postgres://u:p@127.0.0.1:5001/d?target_session_attrs=any&sslmode=verify-full&sslrootcert=/tmp/a%20b%26c/ca.crt',
  );
});

test('settings are quoted for postgresql.conf', () => {
  expect(formatSettings({ a: `it's \\ here`, b: true, c: false, d: 8 })).toBe(
    "a = 'it''s \\\\ here'\nb = 'on'\nc = 'off'\nd = '8'\n",
  );
});

test('users may not set what the cluster depends on, but may set what tests need', () => {
  expect(['port', 'PRIMARY_CONNINFO', 'hot_standby', 'hba_file'].map(isOwnSetting)).toEqual(
    Array(4).fill(true),
  );
  expect(['wal_level', 'fsync', 'work_mem'].map(isOwnSetting)).toEqual(Array(3).fill(false));
});

test('primary_conninfo carries no password', () => {
  expect(primaryConninfo({ host: 'pg0', port: 5432 })).toBe(
    'host=pg0 port=5432 user=pgcluster_replication sslmode=disable gssencmode=disable',
  );
});

test.each([
  [
    'pencil',
    'SCRAM-SHA-256$4096:l8SOdCUaCAmQbnhEz6E2AA==$1SnPterTYT5sXKBQVr/8a6wFjKcqXfRe4sgLnqhTJUg=:D2IjmrA55KBYMzPbSn+BpbmPxuZWh/f5MoNs6azdko4=',
  ],
  [
    'a\u00a0b\u00ad\u2168',
    'SCRAM-SHA-256$4096:nNyDFjmfZcpXRizNOJiO2g==$c+KS5swKMzMnsiwLqVhE9N27yhOeSHVoMq9FqKjpcGQ=:2s8V+p15XYx59FMtRR+teeIQ6hmfe4PD7EcR46xds1c=',
  ],
])('the SCRAM verifier of %j equals PostgreSQL 17’s', (password, made) => {
  const salt = /:([^$]+)\$/.exec(made)?.[1] ?? '';
  expect(scramVerifier(password, Buffer.from(salt, 'base64'))).toBe(made);
});

test('log frames are joined; an incomplete last one is kept as far as it goes', () => {
  const frame = (text: string) => {
    const head = Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const whole = Buffer.concat([frame('one\n'), frame('zwö\n'), frame('three\n')]);
  expect(demultiplex(whole)).toBe('one\nzwö\nthree\n');
  expect(demultiplex(whole.subarray(0, whole.length - 3))).toBe('one\nzwö\nthr');
  expect(demultiplex(Buffer.alloc(0))).toBe('');
});

test('messages and codes are found on anything thrown', () => {
  expect(messageOf(new AggregateError([new Error('a'), new Error('b\n  c')]))).toBe('a; b c');
  expect(messageOf('text')).toBe('text');
  expect(codeOf(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(codeOf({ code: 5 })).toBeUndefined();
  expect(codeOf(undefined)).toBeUndefined();
});

test.each([
  [true, '\r\x1b[Kpg-cluster: a\r\x1b[Kpg-cluster: b\r\x1b[Kpg-cluster: done\n'],
  [false, 'pg-cluster: a\npg-cluster: b\npg-cluster: done\n'],
])('progress on a terminal (%s) is one live line, elsewhere a line a step', (isTTY, expected) => {
  let written = '';
  const stream = { isTTY, write: (text: string) => (written += text) };
  const progress = progressTo(stream as unknown as NodeJS.WriteStream);
  progress.step('a');
  progress.step('a');
  progress.step('b');
  progress.end('done');
  expect(written).toBe(expected);
});
