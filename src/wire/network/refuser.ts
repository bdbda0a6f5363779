import type { Socket } from 'node:net';
import { errorResponse } from '../protocol/backend-messages';
import { openingOf } from '../protocol/opening';
import { readStartup } from '../protocol/startup';
import type { Refusal } from '../requests';
import type { Encryption } from './encryption';

/** As the postmaster says it (ProcessStartupPacket and its callers). */
const messages: Record<Refusal, string> = {
  'starting up': 'the database system is starting up',
  'shutting down': 'the database system is shutting down',
  'in recovery': 'the database system is in recovery mode',
};

/** A start-up packet is never longer (MAX_STARTUP_PACKET_LENGTH). */
const longest = 10_000;
const encrypted = 'S';
const noEncryption = 'N';

/**
 * Refuses a client as a server does that takes nobody: after its start-up packet, before any
 * password (57P03).
 *
 * @param encryption that of a server that speaks TLS; a client may ask for it first
 */
export function refuse(near: Socket, as: Refusal, encryption?: Encryption): void {
  let seen = Buffer.alloc(0);
  const refuseEncrypted = (by: Encryption) => {
    near.removeAllListeners('data').pause();
    if (seen.length > 0) near.unshift(seen);
    refuse(by.withClient(near, { knowsProtocol: true }), as);
  };
  near.on('error', () => {});
  near.on('end', () => near.end());
  near.on('data', (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    if (encryption && openingOf(seen) === 'direct') {
      refuseEncrypted(encryption);
      return;
    }
    for (;;) {
      const packet = readStartup(seen);
      if (packet.kind === 'incomplete') {
        if (seen.length > longest) near.destroy();
        return;
      }
      seen = seen.subarray(packet.length);
      if (packet.kind === 'ssl' && encryption) {
        near.write(encrypted);
        refuseEncrypted(encryption);
        return;
      }
      if (packet.kind === 'ssl' || packet.kind === 'gss') {
        near.write(noEncryption);
        continue;
      }
      if (packet.kind === 'startup') {
        near.end(errorResponse({ severity: 'FATAL', code: '57P03', message: messages[as] }));
      } else {
        near.end();
      }
      near.removeAllListeners('data').resume();
      return;
    }
  });
  near.resume();
}
