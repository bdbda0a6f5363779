/** What a client says first, before any message has a type: "Message Formats" in the manual. */
export type StartupPacket =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'unknown'; readonly length: number }
  | {
      readonly kind: 'ssl' | 'gss' | 'cancel' | 'startup';
      /** Of the packet, in bytes. */
      readonly length: number;
      /** Of a start-up packet. */
      readonly parameters?: ReadonlyMap<string, string>;
    };

/** MAX_STARTUP_PACKET_LENGTH of the server, which refuses longer ones. */
const longest = 10_000;
const headLength = 8;

const requests: Readonly<Record<number, 'ssl' | 'gss' | 'cancel'>> = {
  80877102: 'cancel',
  80877103: 'ssl',
  80877104: 'gss',
};

/** Reads the packet at the beginning of these bytes. */
export function readStartup(bytes: Buffer): StartupPacket {
  if (bytes.length < 4) return { kind: 'incomplete' };
  const length = bytes.readInt32BE(0);
  if (length < headLength || length > longest) return { kind: 'unknown', length: bytes.length };
  if (bytes.length < length) return { kind: 'incomplete' };
  const code = bytes.readInt32BE(4);
  const request = requests[code];
  if (request) return { kind: request, length };
  if (code >>> 16 !== 3) return { kind: 'unknown', length };
  return { kind: 'startup', length, parameters: parametersOf(bytes.subarray(headLength, length)) };
}

/** Names and values in turn, each ended by a zero byte. */
function parametersOf(bytes: Buffer): ReadonlyMap<string, string> {
  const words = bytes.toString('utf8').split('\0');
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [name = '', value = ''] = words.slice(at, at + 2);
    if (name !== '') parameters.set(name, value);
  }
  return parameters;
}
