/** Messages as clients and servers send them: "Message Formats" in PostgreSQL's manual. */

const text = (value: string) => Buffer.from(`${value}\0`);
const int16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

export function message(type: string, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function packet(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int32(body.length + 4), body]);
}

export const sslRequest = packet(int32(80877103));
export const gssRequest = packet(int32(80877104));
export const cancelRequest = packet(int32(80877102), int32(7), int32(8));

export function startup(parameters: Record<string, string>, minor = 0): Buffer {
  const words = Object.entries(parameters).flat();
  return packet(int32(3 * 65536 + minor), ...words.map(text), Buffer.alloc(1));
}

export const client = {
  query: (sql: string) => message('Q', text(sql)),
  parse: (sql: string, name = '') => message('P', text(name), text(sql), int16(0)),
  /** Values as text, or as binary if they are Buffers. */
  bind: (values: (string | Buffer | null)[] = [], statement = '', portal = '') =>
    message(
      'B',
      ...[text(portal), text(statement)],
      ...[int16(values.length), ...values.map((value) => int16(Buffer.isBuffer(value) ? 1 : 0))],
      int16(values.length),
      ...values.flatMap((value) =>
        value === null ? [int32(-1)] : [int32(Buffer.from(value).length), Buffer.from(value)],
      ),
      int16(0),
    ),
  describe: (name = '', kind: 'S' | 'P' = 'P') => message('D', kind, text(name)),
  execute: (portal = '', rows = 0) => message('E', text(portal), int32(rows)),
  close: (name = '', kind: 'S' | 'P' = 'S') => message('C', kind, text(name)),
  sync: message('S'),
  flush: message('H'),
  copyData: (data: string) => message('d', data),
  copyDone: message('c'),
  copyFail: message('f', text('no more')),
  functionCall: message('F', int32(7), int16(0), int16(0), int16(0)),
  terminate: message('X'),
};

export const server = {
  authenticationOk: message('R', int32(0)),
  key: (pid: number, secret: Buffer = int32(8)) => message('K', int32(pid), secret),
  parameter: (name: string, value: string) => message('S', text(name), text(value)),
  ready: (status = 'I') => message('Z', status),
  complete: (tag: string) => message('C', text(tag)),
  error: (code: string, severity = 'ERROR') =>
    message('E', ...['S', severity, '\0', 'C', code, '\0', 'M', 'it failed', '\0'], '\0'),
  parsed: message('1'),
  bound: message('2'),
  closed: message('3'),
  noData: message('n'),
  rows: message('T', int16(1), text('one'), Buffer.alloc(18)),
  row: (value: string) => message('D', int16(1), int32(value.length), value),
  empty: message('I'),
  suspended: message('s'),
  functionResult: message('V', int32(-1)),
  copyIn: message('G', Buffer.alloc(3)),
  copyOut: message('H', Buffer.alloc(3)),
  copyBoth: message('W', Buffer.alloc(3)),
  copyData: (data: string) => message('d', data),
  copyDone: message('c'),
};
