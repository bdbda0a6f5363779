import { client, server } from './pg-messages';
import type { TalkedSession } from './wire-session';

const { query, parse, bind, describe: ask, execute, sync } = client;
const { complete, ready, parsed, bound, noData, rows, row } = server;

/** What is caught, and by which pattern. */
export const insert = 'INSERT INTO orders VALUES (1)';
export const pattern = { text: 'insert into orders' };
export const nothing = Buffer.alloc(0);
export const join = (...parts: Buffer[]) => Buffer.concat(parts);

/** What is done to a connection is done after the chunk that was its cause has passed. */
export const cutOf = async (it: TalkedSession) => {
  await Promise.resolve();
  return it.cut;
};

/** The ways in which clients send a statement, and what servers answer. */
export const ways = {
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
  'named, and described before it is bound': {
    sent: join(parse(insert, 's1'), ask('s1', 'S'), bind([], 's1'), execute(), sync),
    answer: join(parsed, noData, bound, complete('INSERT 0 1')),
    ready: ready(),
  },
} as const;
