/**
 * The text of a container's log. Without a terminal the engine sends frames: stream type, three
 * zero bytes, length (big endian), payload (Docker Engine API, "Attach to a container").
 */
export function demultiplex(frames: Buffer): string {
  const payloads: Buffer[] = [];
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    payloads.push(frames.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(payloads).toString('utf8');
}
