import type { Deadline } from '../../base/deadline';
import { type Lsn, lsnNumber } from '../../postgres/wal/lsn';
import {
  beginOf,
  markBytes,
  parseHistory,
  type WalHistory,
  type WalPosition,
} from '../../postgres/wal/wal-history';
import { endOfRecords, type WalFormat } from '../../postgres/wal/wal-records';
import type { Node } from '../node/node';

/**
 * How far a running server has come: what a master has flushed, or what a slave would have if it
 * were promoted now. We read it where PostgreSQL itself would, in the files of the WAL: SQL tells
 * only the timeline of a slave's last restartpoint, or that of a walreceiver, which may have ended.
 */
export async function walPosition(node: Node, deadline: Deadline): Promise<WalPosition> {
  const facts = await factsOf(node, deadline);
  const files = new WalFiles(node, facts, deadline);
  // A slave that has asked nothing of an upstream since its start has not replayed all that it had
  // received before. (Once it has asked, it has.)
  const mayHaveMore = facts.writesTo === null && facts.received === null;
  const lsn = mayHaveMore
    ? await endOfRecords(
        lsnNumber(facts.lsn),
        (page) => files.page(page, knownHistories(facts)),
        facts.format,
      )
    : toldLsn(facts);
  return files.marked({ history: await historyAt(lsn, facts, files), lsn });
}

/** The timeline that a running server is on, by what SQL tells; see `walPosition`. */
export async function timelineOf(node: Node, deadline: Deadline): Promise<number> {
  const facts = await factsOf(node, deadline);
  const files = new WalFiles(node, facts, deadline);
  return (await historyAt(toldLsn(facts), facts, files)).timelineId;
}

function toldLsn({ lsn, received }: Facts): bigint {
  const [one, other] = [lsnNumber(lsn), lsnNumber(received ?? '0/0')];
  return one > other ? one : other;
}

async function historyAt(lsn: bigint, facts: Facts, files: WalFiles): Promise<WalHistory> {
  if (facts.writesTo !== null) return historyOf(facts, facts.writesTo);
  for (const history of knownHistories(facts)) {
    if (beginOf(history) < lsn && (await files.has(lsn - 1n, history))) return history;
  }
  return historyOf(facts, facts.checkpointOn);
}

/** How much is read at once. A segment, of at least 1 MB, is a multiple of it. */
const chunkBytes = 256 * 1024;

/** What a server tells in one answer. */
interface Facts {
  /** Master: flushed. Slave: replayed. */
  readonly lsn: Lsn;
  /** Slave: by a walreceiver since the server was started; null if there was none yet. */
  readonly received: Lsn | null;
  /** The timeline that a master writes to; null on a slave. */
  readonly writesTo: number | null;
  /** The timeline of the last checkpoint or restartpoint. */
  readonly checkpointOn: number;
  /** The history files, by their names. */
  readonly histories: Readonly<Record<string, string | null>> | null;
  readonly format: WalFormat;
}

async function factsOf(node: Node, deadline: Deadline): Promise<Facts> {
  const [row] = await node.sql<Facts>(
    `SELECT CASE WHEN recovering THEN pg_last_wal_replay_lsn()
              ELSE pg_current_wal_flush_lsn() END::text AS lsn,
            CASE WHEN recovering THEN pg_last_wal_receive_lsn()::text END AS received,
            CASE WHEN NOT recovering
              THEN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
            END AS "writesTo",
            timeline_id AS "checkpointOn",
            (SELECT json_object_agg(name, pg_read_file('pg_wal/' || name, 0, 1000000, true))
               FROM pg_ls_waldir() WHERE name LIKE '%.history') AS histories,
            json_build_object('pageBytes', wal_block_size, 'segmentBytes', bytes_per_wal_segment)
              AS format
       FROM pg_is_in_recovery() AS recovering, pg_control_checkpoint(), pg_control_init()`,
    [],
    deadline,
  );
  if (!row) throw new Error(`${node.name} told nothing of its WAL`);
  return row;
}

function historyOf({ histories }: Facts, timelineId: number): WalHistory {
  const text = histories?.[`${hex8(timelineId)}.history`];
  const before = text ? parseHistory(text) : timelineId === 1 ? [] : undefined;
  return { timelineId, before, marks: new Map() };
}

/** The timelines that a slave may have WAL of, the newest first. */
function knownHistories(facts: Facts): WalHistory[] {
  const ids = Object.keys(facts.histories ?? {}).map((name) => Number.parseInt(name, 16));
  const all = [...new Set([...ids, facts.checkpointOn, 1])].sort((a, b) => b - a);
  return all.map((timelineId) => historyOf(facts, timelineId));
}

/** The WAL in a server's own directory. */
class WalFiles {
  readonly #node: Node;
  readonly #format: WalFormat;
  readonly #deadline: Deadline;
  readonly #chunks = new Map<number, { start: bigint; bytes: Buffer | undefined }>();

  constructor(node: Node, { format }: Facts, deadline: Deadline) {
    this.#node = node;
    this.#format = format;
    this.#deadline = deadline;
  }

  /** Whether the byte at `lsn` has been written to that timeline's file. */
  async has(lsn: bigint, { timelineId }: WalHistory): Promise<boolean> {
    const start = this.#pageStart(lsn);
    const header = await this.#read(start, timelineId, 16);
    // A recycled segment still has the addresses of its former life in it.
    return header !== undefined && header.readBigUInt64LE(8) === start;
  }

  /** The page from the newest timeline that has it, as PostgreSQL reads it. */
  async page(start: bigint, histories: readonly WalHistory[]): Promise<Buffer | undefined> {
    const chunkStart = start - (start % BigInt(chunkBytes));
    for (const { timelineId } of histories) {
      const chunk = await this.#chunk(chunkStart, timelineId);
      const offset = Number(start - chunkStart);
      const page = chunk?.subarray(offset, offset + this.#format.pageBytes);
      if (page?.readBigUInt64LE(8) === start) return page;
    }
    return undefined;
  }

  /** Pages are read in order, so the chunk that was read last is kept. */
  async #chunk(start: bigint, timelineId: number): Promise<Buffer | undefined> {
    const kept = this.#chunks.get(timelineId);
    if (kept?.start === start) return kept.bytes;
    const bytes = await this.#read(start, timelineId, chunkBytes);
    this.#chunks.set(timelineId, { start, bytes });
    return bytes;
  }

  /**
   * The same position, with the marks of its timelines. No mark reaches beyond a timeline's end.
   */
  async marked({ history, lsn }: WalPosition): Promise<WalPosition> {
    const marks = new Map<number, Buffer>();
    const { before = [], timelineId } = history;
    for (const [index, { end: begin }] of before.entries()) {
      const next = before[index + 1];
      const length = Math.min(markBytes, Number((next?.end ?? lsn) - begin));
      const id = next?.timelineId ?? timelineId;
      const mark = length > 0 ? await this.#read(begin, id, length) : undefined;
      if (mark) marks.set(id, mark);
    }
    return { history: { ...history, marks }, lsn };
  }

  #pageStart(lsn: bigint): bigint {
    return lsn - (lsn % BigInt(this.#format.pageBytes));
  }

  /** Undefined if that timeline's file is missing or too short. */
  async #read(lsn: bigint, timelineId: number, bytes: number): Promise<Buffer | undefined> {
    const segmentBytes = BigInt(this.#format.segmentBytes);
    const [row] = await this.#node.sql<{ found: Buffer | null }>(
      'SELECT pg_read_binary_file($1, $2, $3, true) AS found',
      [
        `pg_wal/${segmentName(timelineId, lsn / segmentBytes, segmentBytes)}`,
        String(lsn % segmentBytes),
        bytes,
      ],
      this.#deadline,
    );
    return row?.found?.length === bytes ? row.found : undefined;
  }
}

/** As XLogFileName makes it. */
function segmentName(timelineId: number, segment: bigint, segmentBytes: bigint): string {
  const perId = (1n << 32n) / segmentBytes;
  return [timelineId, segment / perId, segment % perId].map(hex8).join('');
}

function hex8(number: number | bigint): string {
  return number.toString(16).toUpperCase().padStart(8, '0');
}
