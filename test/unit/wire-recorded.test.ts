import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TalkedSession } from '../support/wire-session';

/** What real clients (pg, postgres.js, psql) and a server of PostgreSQL 17 said. */
interface RecordedSession {
  readonly name: string;
  /** A line for each statement: who, what, with which parameters, its tag or SQLSTATE, rows. */
  readonly statements: readonly string[];
  /** How many of the turns are the login. */
  readonly loginTurns: number;
  /** > by the client, < by the server. */
  readonly turns: readonly string[];
}

const path = join(__dirname, 'wire-sessions', 'recorded.json');
const recorded = JSON.parse(readFileSync(path, 'utf8')) as RecordedSession[];

/** What one side said, until the other had its turn. */
interface Turn {
  readonly by: 'client' | 'server';
  readonly bytes: Buffer;
}

const turnsOf = (session: readonly string[]): Turn[] =>
  session.map((turn) => ({
    by: turn.startsWith('>') ? 'client' : 'server',
    bytes: Buffer.from(turn.slice(1), 'base64'),
  }));

/** Chunks are cut by `cut`; all of them have to come out as they went in. */
function play(turns: readonly Turn[], cut: (bytes: Buffer, turn: number) => Buffer[]) {
  const it = new TalkedSession();
  turns.forEach(({ by, bytes }, index) => {
    const came = cut(bytes, index).map((chunk) =>
      by === 'client' ? it.says(chunk) : it.answers(chunk),
    );
    if (!Buffer.concat(came).equals(bytes)) throw new Error(`turn ${index} came out otherwise`);
  });
  it.session.ended();
  return it;
}

const seen = (it: TalkedSession) =>
  it
    .records({ parameters: true })
    .map(({ sql, applicationName, tag, sqlState, rows, parameters = [] }) =>
      [applicationName, sql, ...parameters, tag ?? sqlState, rows].join(' | '),
    );

describe.each(recorded)('$name', ({ turns: session, statements, loginTurns }) => {
  const turns = turnsOf(session);
  const whole = play(turns, (bytes) => [bytes]);

  test('is understood', () => {
    expect(seen(whole)).toEqual(statements);
  });

  test('is the same wherever its streams are split', () => {
    const expected = seen(whole);
    turns.forEach((turn, index) => {
      // All logins are alike.
      if (index < loginTurns) return;
      for (let at = 1; at < turn.bytes.length; at += 1) {
        const split = play(turns, (bytes, which) =>
          which === index ? [bytes.subarray(0, at), bytes.subarray(at)] : [bytes],
        );
        expect(seen(split)).toEqual(expected);
      }
    });
    const single = play(turns, (bytes) => Array.from(bytes, (byte) => Buffer.from([byte])));
    expect(seen(single)).toEqual(expected);
  });

  test('passes unchanged, and is the same, while a trap waits for something else', () => {
    const it = new TalkedSession();
    it.arm({ pattern: { text: 'what nobody says' }, lose: 'request' });
    for (const { by, bytes } of turns) {
      const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));
      const came = chunks.map((chunk) => (by === 'client' ? it.says(chunk) : it.answers(chunk)));
      expect(Buffer.concat(came)).toEqual(bytes);
    }
    expect(seen(it)).toEqual(seen(whole));
  });
});
