/** An ErrorResponse: "Error and Notice Message Fields" in PostgreSQL's manual. */
export function errorResponse(o: {
  severity: string;
  code: string;
  message: string;
  detail?: string;
}): Buffer {
  const { severity, code, message, detail } = o;
  const fields = { S: severity, V: severity, C: code, M: message, ...(detail && { D: detail }) };
  const text = Object.entries(fields).map(([name, value]) => `${name}${value}\0`);
  const body = Buffer.from(`${text.join('')}\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** The SQLSTATE of an ErrorResponse. @param start where its body begins */
export function sqlStateOf(bytes: Buffer, start: number, end: number): string | null {
  for (let at = start; at < end && bytes[at] !== 0; ) {
    const zero = bytes.indexOf(0, at);
    if (zero < 0 || zero >= end) return null;
    if (bytes[at] === codeField) return bytes.toString('latin1', at + 1, zero);
    at = zero + 1;
  }
  return null;
}

const codeField = 'C'.charCodeAt(0);
