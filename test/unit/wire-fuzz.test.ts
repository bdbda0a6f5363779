import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loggedIn, TalkedSession } from '../support/wire-session';

const path = join(__dirname, 'wire-sessions', 'recorded.json');
const sessions = JSON.parse(readFileSync(path, 'utf8')) as { name: string; turns: string[] }[];

/** Always the same numbers for a seed (mulberry32), so that what fails can be seen again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof numbers>;

const garbage = (random: Random) =>
  Buffer.from(Array.from({ length: random(200) }, () => random(256)));

/** What somebody wrong would make of it. */
const mutations: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes) => bytes,
  (bytes) => bytes,
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
  (bytes, random) => bytes.subarray(random(bytes.length + 1)),
  (bytes, random) => {
    const wrong = Buffer.from(bytes);
    if (wrong.length > 0) wrong[random(wrong.length)] = random(256);
    return wrong;
  },
  (bytes, random) => {
    const wrong = Buffer.from(bytes);
    // A length, most likely.
    if (wrong.length > 5) wrong.writeUInt32BE(random(2) === 0 ? random(70) : random(2 ** 32), 1);
    return wrong;
  },
  (bytes, random) => {
    const at = random(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), garbage(random), bytes.subarray(at)]);
  },
  (bytes) => Buffer.concat([bytes, bytes]),
  (_, random) => garbage(random),
];

interface Turn {
  readonly by: 'client' | 'server';
  readonly chunks: readonly Buffer[];
}

function turnsOf(seed: number): Turn[] {
  const random = numbers(seed);
  const { turns } = sessions[random(sessions.length)] as { turns: string[] };
  const worst = random(mutations.length) + 1;
  return turns.map((turn) => {
    const mutate = mutations[random(worst)] as (typeof mutations)[number];
    const bytes = mutate(Buffer.from(turn.slice(1), 'base64'), random);
    const at = random(bytes.length + 1);
    const by = (random(40) === 0) === turn.startsWith('>') ? 'server' : 'client';
    return { by, chunks: [bytes.subarray(0, at), bytes.subarray(at)] };
  });
}

const seeds = Array.from({ length: 3000 }, (_, index) => index + 1);

function play(it: TalkedSession, turns: readonly Turn[]): { client: Buffer; server: Buffer } {
  const out = { client: [] as Buffer[], server: [] as Buffer[] };
  for (const { by, chunks } of turns) {
    for (const chunk of chunks) out[by].push(by === 'client' ? it.says(chunk) : it.answers(chunk));
  }
  out.client.push(it.injected());
  return { client: Buffer.concat(out.client), server: Buffer.concat(out.server) };
}

const sent = (turns: readonly Turn[], by: Turn['by']) =>
  Buffer.concat(turns.flatMap((turn) => (turn.by === by ? turn.chunks : [])));

test('whatever comes passes unchanged, and nothing is thrown', () => {
  for (const seed of seeds) {
    const turns = turnsOf(seed);
    const it = new TalkedSession();
    const out = play(it, turns);
    for (const by of ['client', 'server'] as const) {
      if (!out[by].equals(sent(turns, by)))
        throw new Error(`seed ${seed}: the ${by}'s was changed`);
    }
    it.session.ended();
    it.log.tell({ parameters: true });
  }
});

test.each(['request', 'reply'] as const)(
  'while traps wait to lose a %s, nothing is thrown or made up, and what passes is in order',
  (lose) => {
    let hits = 0;
    for (const seed of seeds) {
      const turns = turnsOf(seed);
      const it = new TalkedSession();
      it.arm({ pattern: { source: 'insert|update|select [345]', flags: 'i' }, lose, times: 2 });
      const out = play(it, turns);
      it.session.ended();
      hits += it.hits.length;
      expect(it.hits.length).toBeLessThanOrEqual(1);
      expect(isSubsequence(out.server, sent(turns, 'server'))).toBe(true);
      const added = lose === 'reply' ? 5 : 0;
      const all = sent(turns, 'client');
      expect(out.client.length).toBeLessThanOrEqual(all.length + added);
      if (lose === 'request') expect(isSubsequence(out.client, all)).toBe(true);
    }
    expect(hits).toBeGreaterThan(200);
  },
);

test('a trap that matches nothing changes nothing but when it passes', () => {
  for (const seed of seeds) {
    const turns = turnsOf(seed);
    const it = new TalkedSession();
    it.arm({ pattern: { text: 'what nobody says' }, lose: 'request' });
    const out = play(it, turns);
    // Half a message may still wait for its other half.
    const all = sent(turns, 'client');
    expect(all.subarray(0, out.client.length).equals(out.client)).toBe(true);
    it.traps.disarm('trap');
    const rest = it.says(Buffer.from('x'));
    const expected = Buffer.concat([all.subarray(out.client.length), Buffer.from('x')]);
    expect(rest.equals(expected)).toBe(true);
    expect(out.server.equals(sent(turns, 'server'))).toBe(true);
  }
});

test('a client that asks and asks, and is never answered, does not make the wire grow', () => {
  const it = new TalkedSession();
  const turns = sessions[0]?.turns.slice(0, 6).map((turn) => Buffer.from(turn.slice(1), 'base64'));
  turns?.forEach((bytes, index) => {
    if (index % 2 === 0) it.says(bytes);
    else it.answers(bytes);
  });
  const syncs = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from('S\0\0\0\x04')));
  const used = process.memoryUsage.rss();
  for (let n = 0; n < 500; n += 1) it.says(syncs);
  expect(process.memoryUsage.rss() - used).toBeLessThan(100_000_000);
  const query = Buffer.from('Q\0\0\0\x0dSELECT 1\0');
  expect(it.says(query)).toEqual(query);
  expect(it.tags()).toEqual([]);
});

test('nor does one whose Query never ends', () => {
  const it = loggedIn();
  const piece = Buffer.alloc(65_536, 'x');
  it.says(Buffer.from([0x51, 0x30, 0, 0, 0]));
  const used = process.memoryUsage.rss();
  for (let n = 0; n < 5000; n += 1) it.session.fromClient(piece);
  expect(process.memoryUsage.rss() - used).toBeLessThan(100_000_000);
});

function isSubsequence(some: Buffer, all: Buffer): boolean {
  let at = 0;
  for (const byte of some) {
    at = all.indexOf(byte, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
