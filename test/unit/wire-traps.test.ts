import { QueryLog } from '../../src/wire/protocol/query-log';
import { Traps } from '../../src/wire/protocol/traps';
import { client, server } from '../support/pg-messages';
import { loggedIn, type TalkedSession } from '../support/wire-session';

const insert = 'INSERT INTO orders VALUES (1)';
const pattern = { text: 'insert into orders' };
const { query, parse, bind, describe: ask, execute, close, sync, flush } = client;
const { complete, ready, parsed, bound, noData, error, row, rows } = server;
const nothing = Buffer.alloc(0);
const join = (...parts: Buffer[]) => Buffer.concat(parts);

/** What is done to a connection is done after the chunk that was its cause has passed. */
const cutOf = async (it: TalkedSession) => {
  await Promise.resolve();
  return it.cut;
};

/** The ways in which clients send a statement, and what servers answer. */
const ways = {
  'as a Query': { sent: query(insert), answer: complete('INSERT 0 1'), ready: ready() },
  'as a Query that returns rows': {
    sent: query(insert),
    answer: join(rows, row('1'), complete('INSERT 0 1')),
    ready: ready(),
  },
  unnamed: {
    sent: join(parse(insert), bind(), ask(), execute(), sync),
    answer: join(parsed, bound, noData, complete('INSERT 0 1')),
    ready: ready(),
  },
  named: {
    sent: join(parse(insert, 's1'), bind([], 's1', 'p1'), ask('p1'), execute('p1'), sync),
    answer: join(parsed, bound, noData, complete('INSERT 0 1')),
    ready: ready(),
  },
} as const;

describe.each(Object.entries(ways))('a statement that is sent %s', (_, way) => {
  const before = query('SELECT 1');
  const after = query('SELECT 2');

  test('is lost as a request: nothing of it reaches the server, but what was before it does', async () => {
    const it = loggedIn().arm({ pattern, lose: 'request', ending: 'silence' });
    expect(it.says(before, way.sent, after)).toEqual(before);
    expect(it.hits).toMatchObject([{ sql: insert, tag: null, applicationName: 'app' }]);
    expect(await cutOf(it)).toBe('silence');
    expect(it.says(after)).toEqual(nothing);
    expect(it.answers(complete('SELECT 1'), ready())).toEqual(nothing);
    it.session.ended();
    expect(it.tags()).toEqual([['SELECT 1', null]]);
    expect(it.hits).toHaveLength(1);
  });

  test('is lost as a reply: the server has it, and the client hears nothing of it', async () => {
    const it = loggedIn().arm({ pattern, ending: 'close' });
    expect(it.says(before, way.sent)).toEqual(join(before, way.sent));
    const earlier = join(rows, row('1'), complete('SELECT 1'), ready());
    expect(it.answers(earlier, way.answer)).toEqual(earlier);
    expect(it.hits).toEqual([]);
    expect(await cutOf(it)).toBeUndefined();
    expect(it.answers(way.ready)).toEqual(nothing);
    expect(it.hits).toMatchObject([{ sql: insert, tag: 'INSERT 0 1', applicationName: 'app' }]);
    expect(await cutOf(it)).toBe('close');
    expect(it.answers(ready())).toEqual(nothing);
    expect(it.tags().at(-1)).toEqual([insert, 'INSERT 0 1']);
    expect(it.injected()).toEqual(nothing);
  });

  test.each(['request', 'reply'] as const)('is lost as a %s wherever chunks end', (lose) => {
    const sent = join(before, way.sent);
    const answer = join(complete('SELECT 1'), ready(), way.answer, way.ready);
    const play = (cuts: (bytes: Buffer) => Buffer[]) => {
      const it = loggedIn().arm({ pattern, lose });
      const toServer = join(...cuts(sent).map((chunk) => it.says(chunk)));
      const toClient = join(...cuts(answer).map((chunk) => it.answers(chunk)));
      return { toServer, toClient, hits: it.hits.map(({ at, ...hit }) => hit), tags: it.tags() };
    };
    const expected = play((bytes) => [bytes]);
    expect(expected.hits).toHaveLength(1);
    const longest = Math.max(sent.length, answer.length);
    for (let at = 1; at < longest; at += 1) {
      expect(play((bytes) => [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
    }
    const single = play((bytes) => Array.from(bytes, (byte) => Buffer.from([byte])));
    expect(single).toEqual(expected);
  });

  test('that fails has no tag', async () => {
    const it = loggedIn().arm({ pattern });
    it.says(way.sent);
    expect(it.answers(error('23505'), way.ready)).toEqual(nothing);
    expect(it.hits).toMatchObject([{ sql: insert, tag: null }]);
    expect(it.tags()).toEqual([[insert, '23505']]);
    expect(await cutOf(it)).toBe('reset');
  });

  test('whose server dies was lost in another way: the trap can catch another', async () => {
    const it = loggedIn().arm({ pattern });
    it.says(way.sent);
    it.answers(way.answer);
    expect(it.traps.isEmpty).toBe(true);
    it.session.ended();
    expect(it.hits).toEqual([]);
    expect(it.traps.isEmpty).toBe(false);
    expect(await cutOf(it)).toBeUndefined();
  });

  test('goes on if the trap is disarmed before anything was withheld', async () => {
    const it = loggedIn().arm({ pattern });
    it.says(way.sent);
    it.traps.disarm('trap');
    const answer = join(way.answer, way.ready);
    expect(it.answers(answer)).toEqual(answer);
    expect(it.hits).toEqual([]);
    expect(await cutOf(it)).toBeUndefined();
  });

  test('ends as it must if the trap is disarmed when something was withheld', () => {
    const it = loggedIn().arm({ pattern });
    it.says(way.sent);
    it.answers(way.answer);
    it.traps.disarm('trap');
    expect(it.answers(way.ready)).toEqual(nothing);
    expect(it.hits).toMatchObject([{ tag: 'INSERT 0 1' }]);
  });
});

describe('a prepared statement', () => {
  const prepared = () => {
    const it = loggedIn();
    it.says(parse(insert, 's1'), ask('s1', 'S'), sync);
    it.answers(parsed, noData, ready());
    return it;
  };

  test('is caught when it is executed, though it was prepared before the trap was there', () => {
    const it = prepared().arm({ pattern, lose: 'request' });
    expect(it.says(bind([], 's1'), execute(), sync)).toEqual(nothing);
    expect(it.hits).toMatchObject([{ sql: insert }]);
  });

  test('is not caught when it is only prepared: its messages pass in order', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    const messages = [parse(insert, 's1'), ask('s1', 'S'), parse('SELECT 1', 's2')];
    expect(it.says(...messages)).toEqual(nothing);
    expect(it.says(sync)).toEqual(join(...messages, sync));
    it.answers(parsed, noData, parsed, ready());
    expect(it.says(close('s1'))).toEqual(nothing);
    expect(it.says(flush)).toEqual(join(close('s1'), flush));
    expect(it.hits).toEqual([]);
  });

  test('has the text of its last Parse', () => {
    const it = prepared().arm({ pattern, lose: 'request' });
    const renewed = [close('s1'), parse('SELECT 1', 's1'), bind([], 's1'), execute(), sync];
    expect(it.says(...renewed)).toEqual(join(...renewed));
    expect(it.hits).toEqual([]);
  });

  test('has the text that the server has: a Parse that fails changes nothing', () => {
    const it = prepared();
    it.says(parse('SELECT 1', 's1'), close('s1'), sync);
    it.answers(error('42P05'), ready());
    it.arm({ pattern, lose: 'request' });
    expect(it.says(bind([], 's1'), execute(), sync)).toEqual(nothing);
  });

  test('is executed by the portal that was bound to it', () => {
    const it = prepared().arm({ pattern, lose: 'request' });
    const other = [parse('SELECT 1'), bind([], '', 'a'), execute('a')];
    expect(it.says(bind([], 's1', 'b'), ...other, execute('b'), sync)).toEqual(join(...other));
    expect(it.hits).toHaveLength(1);
  });
});

describe('in a pipeline', () => {
  const one = join(parse('SELECT 1'), bind(), execute());
  const caught = join(parse(insert), bind(), execute());
  const two = join(parse('SELECT 2'), bind(), execute());

  test('only one statement is lost as a request', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    expect(it.says(one, caught, two, sync)).toEqual(one);
  });

  test('replies to earlier statements pass, and it is not over before ReadyForQuery', () => {
    const it = loggedIn().arm({ pattern });
    it.says(one, caught, two, sync);
    const first = join(parsed, bound, complete('SELECT 1'));
    const rest = join(parsed, bound, complete('INSERT 0 1'), parsed, bound, complete('SELECT 1'));
    expect(it.answers(first, rest)).toEqual(first);
    expect(it.hits).toEqual([]);
    it.answers(ready());
    expect(it.hits).toMatchObject([{ tag: 'INSERT 0 1' }]);
  });

  test('an error after it undoes it, unless it is committed', () => {
    const it = loggedIn().arm({ pattern });
    it.says(caught, two, sync);
    it.answers(parsed, bound, complete('INSERT 0 1'), error('22012'), ready());
    expect(it.hits).toMatchObject([{ tag: null }]);

    const other = loggedIn().arm({ pattern: { source: '^commit$', flags: 'i' } });
    other.says(parse('COMMIT'), bind(), execute(), two, sync);
    other.answers(parsed, bound, complete('COMMIT'), error('22012'), ready());
    expect(other.hits).toMatchObject([{ tag: 'COMMIT' }]);
  });

  test('so does an error at its own commit', () => {
    const it = loggedIn().arm({ pattern });
    it.says(caught, sync);
    it.answers(parsed, bound, complete('INSERT 0 1'), error('23505'), ready());
    expect(it.hits).toMatchObject([{ tag: null }]);
    expect(it.tags()).toEqual([[insert, '23505']]);
  });

  test('an error before it keeps it from being run: it is not caught', () => {
    const it = loggedIn().arm({ pattern });
    it.says(one, caught, sync);
    const answer = join(error('42601'), ready());
    expect(it.answers(answer)).toEqual(answer);
    expect(it.hits).toEqual([]);
    expect(it.traps.isEmpty).toBe(false);
    it.says(caught, sync);
    it.answers(parsed, bound, complete('INSERT 0 1'), ready());
    expect(it.hits).toHaveLength(1);
  });

  test('what comes after an error, until a Sync, is not caught either', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    it.says(one);
    it.answers(error('42601'));
    expect(it.says(caught)).toEqual(caught);
    expect(it.says(sync)).toEqual(sync);
    expect(it.hits).toEqual([]);
    expect(it.tags()).toEqual([['SELECT 1', '42601']]);
  });
});

describe('without a Sync of the client', () => {
  const asked = join(parse(insert), bind(), execute(), flush);
  const answer = join(parsed, bound, complete('INSERT 0 1'));

  test('the server gets one, so that it commits, when it has executed it', async () => {
    const it = loggedIn().arm({ pattern });
    expect(it.says(asked)).toEqual(asked);
    expect(it.answers(answer)).toEqual(nothing);
    expect(it.injected()).toEqual(sync);
    expect(it.hits).toEqual([]);
    expect(it.says(sync)).toEqual(nothing);
    it.answers(ready());
    expect(it.hits).toMatchObject([{ tag: 'INSERT 0 1' }]);
    expect(await cutOf(it)).toBe('reset');
  });

  test('and not in the midst of a message', () => {
    const it = loggedIn().arm({ pattern });
    it.says(asked);
    // The trap is used up, so messages pass in pieces.
    const next = parse('SELECT 2');
    expect(it.says(next.subarray(0, 9))).toEqual(next.subarray(0, 9));
    it.answers(answer);
    expect(it.injected()).toEqual(nothing);
    expect(it.says(next.subarray(9, 12))).toEqual(next.subarray(9, 12));
    expect(it.says(join(next.subarray(12), bind()))).toEqual(join(next.subarray(12), sync));
    it.answers(parsed, ready());
    expect(it.hits).toMatchObject([{ tag: 'INSERT 0 1' }]);
  });
});

describe('in a Query of several statements', () => {
  const sql = 'BEGIN; -- it comes\nINSERT INTO orders VALUES (1); SELECT 2; COMMIT';

  test('only answers from it on are lost, and the tag is its own', () => {
    const it = loggedIn().arm({ pattern });
    it.says(query(sql));
    const answers = ['INSERT 0 1', 'SELECT 1', 'COMMIT'].map(complete);
    expect(it.answers(complete('BEGIN'), ...answers)).toEqual(complete('BEGIN'));
    it.answers(ready());
    expect(it.hits).toMatchObject([{ sql: insert, tag: 'INSERT 0 1' }]);
  });

  test('an error before it passes, and the trap waits on', () => {
    const it = loggedIn().arm({ pattern: { source: '^commit', flags: 'i' } });
    it.says(query(sql));
    const answer = join(complete('BEGIN'), error('42P01'), ready('E'));
    expect(it.answers(answer)).toEqual(answer);
    expect(it.hits).toEqual([]);
    expect(it.traps.isEmpty).toBe(false);
  });

  test('an error after it undoes it', () => {
    const it = loggedIn().arm({ pattern });
    it.says(query('INSERT INTO orders VALUES (1); SELECT 1/0'));
    it.answers(complete('INSERT 0 1'), error('22012'), ready());
    expect(it.hits).toMatchObject([{ tag: null }]);
  });

  test('a pattern that only all of it matches loses all of it, and the tag is the last', () => {
    const it = loggedIn().arm({ pattern: { source: 'begin[^]*commit', flags: 'i' } });
    it.says(query(sql));
    const tags = ['BEGIN', 'INSERT 0 1', 'SELECT 1', 'COMMIT'];
    expect(it.answers(...tags.map(complete), ready('I'))).toEqual(nothing);
    expect(it.hits).toMatchObject([{ sql, tag: 'COMMIT' }]);
  });

  test('lost as a request, nothing of the Query reaches the server', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    expect(it.says(query(sql))).toEqual(nothing);
    expect(it.hits).toMatchObject([{ sql: insert }]);
  });
});

describe('COPY', () => {
  test('in: the client hears that it may send, and no more', () => {
    const it = loggedIn().arm({ pattern: { text: 'copy' } });
    it.says(query('COPY t FROM STDIN'));
    expect(it.answers(server.copyIn)).toEqual(server.copyIn);
    const data = join(client.copyData('1\n'), client.copyDone);
    expect(it.says(data)).toEqual(data);
    expect(it.answers(complete('COPY 1'), ready())).toEqual(nothing);
    expect(it.hits).toMatchObject([{ tag: 'COPY 1' }]);
  });

  test('out: the client gets nothing of it', () => {
    const it = loggedIn().arm({ pattern: { text: 'copy' } });
    it.says(query('COPY t TO STDOUT'));
    const data = Array.from({ length: 1000 }, () => server.copyData('1\n'));
    expect(it.answers(server.copyOut, ...data, server.copyDone)).toEqual(nothing);
    it.answers(complete('COPY 1000'), ready());
    expect(it.hits).toMatchObject([{ tag: 'COPY 1000' }]);
  });
});

test('a portal that is suspended has no tag', () => {
  const it = loggedIn().arm({ pattern: { text: 'select' } });
  it.says(parse('SELECT 1'), bind(), execute('', 2), sync);
  expect(it.answers(parsed, bound, row('1'), row('2'), server.suspended, ready())).toEqual(nothing);
  expect(it.hits).toMatchObject([{ tag: null }]);
});

describe('traps', () => {
  const both = () => ({ traps: new Traps(), log: new QueryLog() });

  test('catch as often as they are told to, on whatever connection', () => {
    const shared = both();
    const sessions = [loggedIn(shared), loggedIn(shared), loggedIn(shared)];
    sessions[0]?.arm({ pattern, lose: 'request', times: 2 });
    const passed = sessions.map((it) => it.says(query(insert)).length > 0);
    expect(passed).toEqual([false, false, true]);
    expect(sessions[0]?.hits).toHaveLength(2);
  });

  test('the first that was armed, matches and is not used up catches', () => {
    const shared = both();
    const first = loggedIn(shared).arm({ pattern: { text: 'update' }, lose: 'request' }, 'a');
    const second = loggedIn(shared).arm({ pattern, lose: 'request' }, 'b');
    const third = loggedIn(shared).arm({ pattern, lose: 'reply' }, 'c');
    first.says(query(insert));
    expect([first.hits.length, second.hits.length]).toEqual([0, 1]);
    second.says(query(insert));
    second.answers(complete('INSERT 0 1'), ready());
    expect(third.hits).toMatchObject([{ tag: 'INSERT 0 1' }]);
  });

  test('catch nothing that is under way when they are armed', () => {
    const it = loggedIn();
    const half = query(insert);
    it.says(half.subarray(0, 10));
    it.arm({ pattern, lose: 'request' });
    expect(it.says(half.subarray(10))).toEqual(half.subarray(10));
    const answer = join(complete('INSERT 0 1'), ready());
    expect(it.answers(answer)).toEqual(answer);
    expect(it.hits).toEqual([]);
  });

  test('give back what they had caught when another statement of the session ends it', () => {
    const shared = both();
    const it = loggedIn(shared).arm({ pattern, times: 2 });
    it.says(query(insert), query(insert));
    expect(shared.traps.isEmpty).toBe(true);
    it.answers(complete('INSERT 0 1'), ready());
    expect(it.hits).toHaveLength(1);
    expect(shared.traps.isEmpty).toBe(false);
  });

  test.each([
    [{ text: 'insert  INTO\norders' }, 'INSERT\n\tinto   orders', true],
    [{ text: 'insert into orders' }, 'INSERT INTO order', false],
    [{ source: '^commit$', flags: '' }, 'COMMIT', false],
    [{ source: '^commit$', flags: 'i' }, '/* of an ORM */ COMMIT;', true],
    [{ source: 'commit', flags: 'gy' }, 'commit', true],
  ])('%j matches %j: %s', (given, sql, matches) => {
    for (const _ of [1, 2]) {
      const it = loggedIn().arm({ pattern: given, lose: 'request' });
      expect(it.says(query(sql)).length === 0).toBe(matches);
    }
  });

  test('one regular expression catches again and again', () => {
    const it = new Traps();
    const spec = { lose: 'request', ending: 'reset', times: 3 } as const;
    it.arm('a', { ...spec, pattern: { source: 'commit', flags: 'g' } }, () => {});
    expect([1, 2, 3, 4].map(() => it.catch('commit') !== undefined)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

test('after a request is lost, nothing passes, whatever it is', () => {
  const it = loggedIn().arm({ pattern, lose: 'request' });
  expect(it.says(query(insert), query('SELECT 1'), Buffer.from('no message'))).toEqual(nothing);
  expect(it.says(query('SELECT 1'))).toEqual(nothing);
  expect(it.traps.isEmpty).toBe(true);
});

describe('what would be kept for too long', () => {
  test('passes, and only its execution is lost', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    const large = bind(['x'.repeat(5_000_000)]);
    expect(it.says(parse(insert), large).equals(join(parse(insert), large))).toBe(true);
    expect(it.says(execute(), sync)).toEqual(nothing);
    expect(it.hits).toHaveLength(1);
  });

  test('passes in pieces of any size', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    const sent = join(parse(insert), bind(['x'.repeat(3_000_000)]));
    const passed: Buffer[] = [];
    for (let at = 0; at < sent.length; at += 65_536) {
      passed.push(it.says(sent.subarray(at, at + 65_536)));
    }
    expect(join(...passed).equals(sent)).toBe(true);
    expect(it.says(execute())).toEqual(nothing);
    expect(it.hits).toHaveLength(1);
  });

  test('a long Query is searched in its first megabyte', () => {
    const long = `SELECT '${'x'.repeat(500_000)}'; ${insert}`;
    expect(loggedIn().arm({ pattern, lose: 'request' }).says(query(long))).toEqual(nothing);
  });
});
