import { readStartup } from './startup';

/**
 * How a client opens its connection: it asks whether it may encrypt it and waits for the answer
 * ('ssl', 'gss'), begins with TLS at once ('direct', from PostgreSQL 17 on), or does neither
 * ('plain'). 'incomplete': too little has come to tell.
 */
export type Opening = 'ssl' | 'gss' | 'direct' | 'plain' | 'incomplete';

/** The type of TLS's first record; a start-up packet begins with a zero, as it is short. */
const handshake = 0x16;
const requestLength = 8;

/** `bytes` are all that has come. */
export function openingOf(bytes: Buffer): Opening {
  if (bytes.length === 0) return 'incomplete';
  if (bytes[0] === handshake) return 'direct';
  if (bytes.length < requestLength) {
    const mayBeRequest = bytes.length < 4 || bytes.readInt32BE(0) === requestLength;
    return bytes[0] === 0 && mayBeRequest ? 'incomplete' : 'plain';
  }
  // Who does not wait for the answer gets it from the server itself.
  if (bytes.length > requestLength) return 'plain';
  const { kind } = readStartup(bytes);
  return kind === 'ssl' || kind === 'gss' ? kind : 'plain';
}
