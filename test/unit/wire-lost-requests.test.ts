import { client, server } from '../support/pg-messages';
import { expectSameWhereverChunksEnd } from '../support/wire-chunks';
import { loggedIn } from '../support/wire-session';
import { cutOf, insert, join, nothing, pattern, ways } from '../support/wire-statements';

const { query, parse, bind, describe: ask, execute, close, sync, flush } = client;
const { complete, ready, parsed, noData, error } = server;

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

  test('is lost wherever chunks end', () => {
    expectSameWhereverChunksEnd(
      'request',
      join(before, way.sent),
      join(complete('SELECT 1'), ready(), way.answer, way.ready),
    );
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

  test('of which nothing is executed goes by what the server says to its preparation', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    // A Query waits for no Sync: its answer ends in ReadyForQuery.
    const asked = join(parse(insert), query('SELECT 1'));
    expect(it.says(asked)).toEqual(asked);
    it.answers(error('42601'));
    it.says(sync, query('SELECT 2'));
    it.answers(ready(), complete('SELECT 1'), ready());
    expect(it.tags()).toEqual([['SELECT 2', 'SELECT 1']]);
  });

  test('takes what else was prepared of it along', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    const all = join(parse(insert, 's1'), bind([], 's1', 'a'), bind([], 's1', 'b'));
    expect(it.says(all, execute('a'), sync)).toEqual(nothing);
  });

  test('that nobody knows is not caught, whatever the pattern', () => {
    const it = loggedIn().arm({ pattern: { source: '', flags: '' }, lose: 'request' });
    const unknown = join(execute('nobody knows it'), sync);
    expect(it.says(unknown)).toEqual(unknown);
    expect(it.says(query('SELECT 1'))).toEqual(nothing);
  });

  test('is not parked for a trap that would only lose its reply', () => {
    const it = loggedIn().arm({ pattern }, 'a').arm({ pattern, lose: 'request' }, 'b');
    expect(it.says(parse(insert))).toEqual(parse(insert));
  });

  test('is executed by the portal that was bound to it', () => {
    const it = prepared().arm({ pattern, lose: 'request' });
    const other = [parse('SELECT 1'), bind([], '', 'a'), execute('a')];
    expect(it.says(bind([], 's1', 'b'), ...other, execute('b'), sync)).toEqual(join(...other));
    expect(it.hits).toHaveLength(1);
    expect(it.tags()).toEqual([['SELECT 1', null]]);
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

test('of several statements in a Query, nothing reaches the server', () => {
  const it = loggedIn().arm({ pattern, lose: 'request' });
  expect(
    it.says(query('BEGIN; -- it comes\nINSERT INTO orders VALUES (1); SELECT 2; COMMIT')),
  ).toEqual(nothing);
  expect(it.hits).toMatchObject([{ sql: insert }]);
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

  test('does not wait as a whole', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    const long = query(`SELECT '${'x'.repeat(3_000_000)}'`);
    it.says(long.subarray(0, 1_000_000));
    expect(it.says(long.subarray(1_000_000, 1_100_000)).length).toBe(1_100_000);
  });

  test('is counted for as long as it waits', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    for (let n = 0; n < 6; n += 1) {
      expect(it.says(parse(insert), bind(['x'.repeat(900_000)]))).toEqual(nothing);
      it.says(sync);
    }
    expect(it.says(parse(insert))).toEqual(nothing);
  });

  test('is copied: a chunk may be overwritten when it was taken', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    const sent = join(parse(insert, 's1'), bind([], 's1'), sync);
    const passed: Buffer[] = [];
    for (let at = 0; at < sent.length; at += 7) {
      const chunk = Buffer.from(sent.subarray(at, at + 7));
      const passing = it.session.fromClient(chunk);
      for (const bytes of [passing].flat()) passed.push(Buffer.from(bytes));
      chunk.fill(0);
    }
    expect(join(...passed)).toEqual(sent);
    expect(it.says(execute())).toEqual(nothing);

    const other = loggedIn().arm({ pattern, lose: 'request' });
    const whole = parse(insert);
    other.session.fromClient(whole);
    whole.fill(0);
    expect(other.says(sync)).toEqual(join(parse(insert), sync));
  });

  test('are no bytes that can be no message: they pass at once', () => {
    const it = loggedIn().arm({ pattern, lose: 'request' });
    const tooLong = Buffer.from([0x51, 0x7f, 0xff, 0xff, 0xff, 0x41]);
    expect(it.says(tooLong)).toEqual(tooLong);
  });

  test('a long Query is searched in its first megabyte', () => {
    const long = `SELECT '${'x'.repeat(500_000)}'; ${insert}`;
    expect(loggedIn().arm({ pattern, lose: 'request' }).says(query(long))).toEqual(nothing);
  });
});
