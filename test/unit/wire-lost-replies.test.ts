import { client, server } from '../support/pg-messages';
import { expectSameWhereverChunksEnd } from '../support/wire-chunks';
import { loggedIn } from '../support/wire-session';
import { cutOf, insert, join, nothing, pattern, ways } from '../support/wire-statements';

const { query, parse, bind, execute, sync, flush } = client;
const { complete, ready, parsed, bound, error, row, rows } = server;

describe.each(Object.entries(ways))('a statement that is sent %s', (_, way) => {
  const before = query('SELECT 1');

  test('is lost as a reply: the server has it, and the client hears nothing of it', async () => {
    const it = loggedIn().arm({ pattern, ending: 'close' });
    expect(it.says(before, way.sent)).toEqual(join(before, way.sent));
    const earlier = join(rows, row('1'), complete('SELECT 1'), ready());
    expect(it.answers(earlier, way.answer)).toEqual(earlier);
    expect(it.hits).toEqual([]);
    expect(await cutOf(it)).toBeUndefined();
    expect(it.answers(way.ready)).toEqual(nothing);
    expect(it.hits).toMatchObject([{ sql: insert, tag: 'INSERT 0 1', applicationName: 'app' }]);
    expect(Math.abs((it.hits[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(await cutOf(it)).toBe('close');
    expect(it.answers(ready())).toEqual(nothing);
    expect(it.tags().at(-1)).toEqual([insert, 'INSERT 0 1']);
    expect(it.injected()).toEqual(nothing);
  });

  test('is lost wherever chunks end', () => {
    expectSameWhereverChunksEnd(
      'reply',
      join(before, way.sent),
      join(complete('SELECT 1'), ready(), way.answer, way.ready),
    );
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

  test('whose reply nobody can read is not lost: the rest passes, and the trap can catch another', async () => {
    const it = loggedIn().arm({ pattern });
    it.says(way.sent);
    // Five bytes were taken for the head of a message.
    expect(it.answers(Buffer.from('no message'))).toEqual(Buffer.from('ssage'));
    expect(it.traps.isEmpty).toBe(false);
    expect(it.answers(way.answer)).toEqual(way.answer);
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

describe('in a pipeline', () => {
  const one = join(parse('SELECT 1'), bind(), execute());
  const caught = join(parse(insert), bind(), execute());
  const two = join(parse('SELECT 2'), bind(), execute());

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

  test('and may fail to commit, wherever that Sync was sent', () => {
    const early = loggedIn().arm({ pattern });
    early.says(asked);
    early.answers(answer);
    const late = loggedIn().arm({ pattern });
    late.says(asked);
    late.says(parse('SELECT 2').subarray(0, 9));
    late.answers(answer);
    late.says(parse('SELECT 2').subarray(9));
    late.answers(parsed);
    for (const it of [early, late]) {
      it.answers(error('23505'), ready());
      expect(it.hits).toMatchObject([{ tag: null }]);
      expect(it.tags()).toEqual([[insert, '23505']]);
    }
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

  test.each(['COMMIT', 'PREPARE TRANSACTION'])('an error after a %s does not', (committed) => {
    const it = loggedIn().arm({ pattern });
    it.says(query(`BEGIN; INSERT INTO orders VALUES (1); ${committed} 'x'; SELECT 1/0`));
    it.answers(...['BEGIN', 'INSERT 0 1', committed].map(complete), error('22012'), ready());
    expect(it.hits).toMatchObject([{ tag: 'INSERT 0 1' }]);
  });

  test('a pattern that only all of it matches loses all of it, and the tag is the last', () => {
    const it = loggedIn().arm({ pattern: { source: 'begin[^]*commit', flags: 'i' } });
    it.says(query(sql));
    const tags = ['BEGIN', 'INSERT 0 1', 'SELECT 1', 'COMMIT'];
    expect(it.answers(...tags.map(complete), ready('I'))).toEqual(nothing);
    expect(it.hits).toMatchObject([{ sql, tag: 'COMMIT' }]);
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

  test('both ways: the client hears that it may send, and no more', () => {
    const it = loggedIn().arm({ pattern: { text: 'start_replication' } });
    it.says(query('START_REPLICATION 0/0'));
    expect(it.answers(server.copyBoth, server.copyData('1'))).toEqual(server.copyBoth);
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

test('what a server sends after it, in one chunk or another, is nobody’s', () => {
  for (const isOne of [true, false]) {
    const it = loggedIn().arm({ pattern });
    it.says(query(insert), query('SELECT 2'));
    const answers = [complete('INSERT 0 1'), ready(), complete('SELECT 1'), ready()];
    if (isOne) it.answers(...answers);
    else for (const answer of answers) it.answers(answer);
    expect(it.tags()).toEqual([
      [insert, 'INSERT 0 1'],
      ['SELECT 2', null],
    ]);
  }
});

test('a portal that is suspended has no tag', () => {
  const it = loggedIn().arm({ pattern: { text: 'select' } });
  it.says(parse('SELECT 1'), bind(), execute('', 2), sync);
  expect(it.answers(parsed, bound, row('1'), row('2'), server.suspended, ready())).toEqual(nothing);
  expect(it.hits).toMatchObject([{ tag: null }]);
});
