import { errorResponse } from '../../src/wire/protocol/backend-messages';
import { readStartup } from '../../src/wire/protocol/startup';
import {
  cancelRequest,
  client,
  gssRequest,
  message,
  server,
  sslRequest,
  startup,
} from '../support/pg-messages';
import { TalkedSession } from '../support/wire-session';

const nothing = Buffer.alloc(0);
const no = Buffer.from('N');
const yes = Buffer.from('S');
const who = { user: 'ann', database: 'shop', application_name: 'app' };
const { authenticationOk, key, ready, parameter, complete } = server;
const opening = [authenticationOk, key(7), ready()];
const passesRaw = (it: TalkedSession) => {
  const chunk = client.query('SELECT 1');
  return it.says(chunk).equals(chunk) && it.answers(chunk).equals(chunk) && it.tags().length === 0;
};

test('a client is known by its start-up packet, its key, and what it is called later', () => {
  const it = new TalkedSession();
  expect(it.session.client).toEqual({ applicationName: '' });
  it.says(startup(who));
  expect(it.session.client).toEqual({ user: 'ann', database: 'shop', applicationName: 'app' });
  it.answers(...opening);
  expect(it.session.client).toMatchObject({ pid: 7 });
  it.answers(parameter('application_name', 'renamed'), parameter('TimeZone', 'UTC'));
  expect(it.session.client).toMatchObject({ applicationName: 'renamed', pid: 7 });
});

test.each([{ user: 'ann' }, { user: 'ann', database: '' }])(
  '%j: the database of that name',
  (given) => {
    const it = new TalkedSession();
    it.says(startup(given));
    expect(it.session.client).toMatchObject({ user: 'ann', database: 'ann' });
  },
);

test('protocol 3.2 has longer keys', () => {
  const it = new TalkedSession();
  it.says(startup(who, 2));
  it.answers(authenticationOk, message('v', Buffer.alloc(8)), key(7, Buffer.alloc(32)), ready());
  it.says(client.query('SELECT 1'));
  expect(it.records()).toMatchObject([{ sql: 'SELECT 1', pid: 7 }]);
});

test('who is refused encryption goes on, however often', () => {
  const it = new TalkedSession();
  for (const request of [gssRequest, sslRequest]) {
    expect(it.says(request)).toEqual(request);
    expect(it.answers(no)).toEqual(no);
  }
  it.says(startup(who));
  it.answers(...opening);
  it.says(client.query('SELECT 1'));
  expect(it.tags()).toHaveLength(1);
});

test('who does not wait for the answer is understood as well', () => {
  const it = new TalkedSession();
  const sent = Buffer.concat([sslRequest, startup(who), client.query('SELECT 1')]);
  expect(it.says(sent)).toEqual(sent);
  it.answers(no, ...opening, complete('SELECT 1'), ready());
  expect(it.session.client).toMatchObject({ user: 'ann', pid: 7 });
  expect(it.tags()).toEqual([['SELECT 1', 'SELECT 1']]);

  const asksTwice = new TalkedSession();
  asksTwice.says(gssRequest, sslRequest, startup(who));
  asksTwice.answers(no, no, ...opening);
  expect(asksTwice.session.client).toMatchObject({ user: 'ann', pid: 7 });
});

test('what somebody says who never waits is not kept for long', () => {
  const it = new TalkedSession();
  const much = Array.from({ length: 1000 }, () => client.query('SELECT 1'));
  it.says(sslRequest);
  it.says(startup(who), ...much);
  it.answers(no, ...opening);
  expect(passesRaw(it)).toBe(true);
});

test('a Query that comes with the start-up packet is told, and its end is its own', () => {
  const it = new TalkedSession();
  it.says(startup(who), client.query('SELECT 1'));
  it.answers(...opening);
  it.answers(complete('SELECT 1'), ready());
  expect(it.tags()).toEqual([['SELECT 1', 'SELECT 1']]);
});

test('a key without a number is none', () => {
  const it = new TalkedSession();
  it.says(startup(who));
  it.answers(message('K', Buffer.alloc(2)));
  expect(it.session.client.pid).toBeUndefined();
});

test.each<[who: string, said: Buffer, answered: Buffer]>([
  ['a client that is granted TLS', sslRequest, yes],
  ['one that is granted GSS', gssRequest, Buffer.from('G')],
  ['one whose server does not know the request', sslRequest, server.error('0A000')],
  ['one that begins with TLS', Buffer.from([0x16, 3, 1, 2, 0]), nothing],
  ['a cancel request', cancelRequest, nothing],
  ['one that speaks protocol 2', Buffer.from([0, 0, 0, 8, 0, 2, 0, 0]), nothing],
  ['one that speaks HTTP', Buffer.from('GET / HTTP/1.1'), nothing],
  [
    'one that never ends its start-up packet',
    Buffer.concat([sslRequest, Buffer.alloc(20_000)]),
    nothing,
  ],
])('all of %s passes, and is not looked at', (_, said, answered) => {
  const it = new TalkedSession();
  expect(it.says(said)).toEqual(said);
  expect(it.answers(answered)).toEqual(answered);
  expect(passesRaw(it)).toBe(true);
  expect(passesRaw(it)).toBe(true);
});

test('a start-up packet is read when it is whole', () => {
  const packet = startup(who);
  for (let length = 0; length < packet.length; length += 1) {
    expect(readStartup(packet.subarray(0, length))).toEqual({ kind: 'incomplete' });
  }
  expect(readStartup(Buffer.concat([packet, sslRequest]))).toEqual({
    kind: 'startup',
    length: packet.length,
    parameters: new Map(Object.entries(who)),
  });
});

test('an error has the fields that clients read', () => {
  const bytes = errorResponse({ severity: 'FATAL', code: '57P03', message: 'no', detail: 'yet' });
  const body = 'SFATAL\0VFATAL\0C57P03\0Mno\0Dyet\0\0';
  expect(bytes).toEqual(message('E', body));
});
