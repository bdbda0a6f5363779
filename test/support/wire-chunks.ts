import { loggedIn } from './wire-session';
import { join, pattern } from './wire-statements';

/** A statement is lost in the same way, however the bytes of both sides are cut into chunks. */
export function expectSameWhereverChunksEnd(
  lose: 'reply' | 'request',
  sent: Buffer,
  answer: Buffer,
): void {
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
}
