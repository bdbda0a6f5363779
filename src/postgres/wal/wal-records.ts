/** Sizes that WAL is laid out by. The layout is that of xlog_internal.h and xlogrecord.h. */
export interface WalFormat {
  readonly pageBytes: number;
  readonly segmentBytes: number;
}

/** Reads the page that begins at `lsn`; undefined if the server's files do not have it. */
type ReadPage = (lsn: bigint) => Promise<Buffer | undefined>;

const shortHeaderBytes = 24;
const longHeaderBytes = 40;
const recordHeaderBytes = 24;
/** Each record begins at a multiple of this. */
const alignment = 8n;
const crcAt = 20;
const isContinued = 0x0001;
const isLong = 0x0002;
const replacesContinuation = 0x0008;

/**
 * Where the unbroken chain of records from `start` (the end of a record) ends: the point up to
 * which a server would replay if it were promoted now. It checks what PostgreSQL's own reader
 * checks: the address in each page's header, each record's link to the one before, and each
 * record's check sum.
 */
export async function endOfRecords(
  start: bigint,
  readPage: ReadPage,
  { pageBytes, segmentBytes }: WalFormat,
): Promise<bigint> {
  const size = BigInt(pageBytes);
  let end = start;
  let previous: bigint | undefined;
  for (;;) {
    const record = await readRecord(end, readPage, size);
    if (record === 'none') return end;
    if (typeof record === 'bigint') {
      // A master crashed in the middle of a record, and gave that record up.
      [end, previous] = [record, undefined];
      continue;
    }
    const link = record.bytes.readBigUInt64LE(8);
    const follows = previous === undefined ? link < record.start : link === previous;
    if (!follows || checksumOf(record.bytes) !== record.bytes.readUInt32LE(crcAt)) return end;
    previous = record.start;
    end = isSwitch(record.bytes)
      ? roundUp(record.end, BigInt(segmentBytes))
      : roundUp(record.end, alignment);
  }
}

function roundUp(lsn: bigint, to: bigint): bigint {
  return ((lsn + to - 1n) / to) * to;
}

/** Whether it is XLOG_SWITCH, after which the rest of the segment is empty. */
function isSwitch(record: Buffer): boolean {
  return record.readUInt8(17) === 0 && (record.readUInt8(16) & 0xf0) === 0x40;
}

interface WalRecord {
  readonly start: bigint;
  readonly end: bigint;
  readonly bytes: Buffer;
}

/** The next record, or the page where records go on after one that was never completed. */
async function readRecord(
  from: bigint,
  readPage: ReadPage,
  size: bigint,
): Promise<WalRecord | 'none' | bigint> {
  const parts: Buffer[] = [];
  let at = from;
  let start: bigint | undefined;
  let missing = recordHeaderBytes;
  let length: number | undefined;
  while (missing > 0) {
    const pageStart = at - (at % size);
    const page = await readPage(pageStart);
    if (!page || page.readBigUInt64LE(8) !== pageStart) return 'none';
    if (at === pageStart) {
      const info = page.readUInt16LE(2);
      if (start !== undefined && !(info & isContinued)) {
        return info & replacesContinuation ? pageStart : 'none';
      }
      at += BigInt(info & isLong ? longHeaderBytes : shortHeaderBytes);
    }
    start ??= at;
    const offset = Number(at - pageStart);
    const part = page.subarray(offset, offset + missing);
    if (part.length === 0) return 'none';
    parts.push(part);
    at += BigInt(part.length);
    missing -= part.length;
    if (missing === 0 && length === undefined) {
      length = Buffer.concat(parts).readUInt32LE(0);
      if (length < recordHeaderBytes) return 'none';
      missing = length - recordHeaderBytes;
    }
  }
  return start === undefined ? 'none' : { start, end: at, bytes: Buffer.concat(parts) };
}

/** The CRC-32C of a record: first its data, then its header up to the check sum itself. */
function checksumOf(record: Buffer): number {
  let crc = 0xffff_ffff;
  for (const part of [record.subarray(recordHeaderBytes), record.subarray(0, crcAt)]) {
    for (const byte of part) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  return crc;
});
