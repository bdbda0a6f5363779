const code = (letter: string) => letter.charCodeAt(0);

/** A client's messages, by their first byte: "Message Formats" in PostgreSQL's manual. */
export const frontend = {
  query: code('Q'),
  parse: code('P'),
  bind: code('B'),
  describe: code('D'),
  execute: code('E'),
  close: code('C'),
  sync: code('S'),
  flush: code('H'),
  functionCall: code('F'),
  copyDone: code('c'),
  copyFail: code('f'),
} as const;

/** A server's. */
export const backend = {
  commandComplete: code('C'),
  emptyQueryResponse: code('I'),
  portalSuspended: code('s'),
  errorResponse: code('E'),
  readyForQuery: code('Z'),
  parseComplete: code('1'),
  bindComplete: code('2'),
  closeComplete: code('3'),
  rowDescription: code('T'),
  noData: code('n'),
  copyInResponse: code('G'),
  copyBothResponse: code('W'),
  parameterStatus: code('S'),
  backendKeyData: code('K'),
} as const;

/** What Describe and Close are about: a prepared statement, or otherwise a portal. */
export const aboutStatement = code('S');

/** Those whose contents matter to somebody. */
export const frontendThatMatter = Object.values(frontend);
export const backendThatMatter = Object.values(backend);
