import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** The rounds of a {@link quickVerifier}. */
export const quickRounds = 1;

/**
 * A verifier for long random passwords. Many rounds would make those no harder to guess, but would
 * take milliseconds at both ends of each login.
 */
export function quickVerifier(password: string): string {
  return scramVerifier(password, undefined, quickRounds);
}

/**
 * What PostgreSQL stores for a password:
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (scram_build_secret in
 * scram-common.c; the keys are those of RFC 5802).
 */
export function scramVerifier(
  password: string,
  salt: Buffer = randomBytes(16),
  iterations = 4096,
): string {
  const salted = pbkdf2Sync(saslprep(password), salt, iterations, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64');
  const serverKey = key('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

const nonAsciiSpaces = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
const mappedToNothing =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: joiners and selectors are what goes
  /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/g;

/** As pg and PostgreSQL prepare a password: the mappings of RFC 4013, sections 2.1 and 2.2. */
function saslprep(password: string): string {
  return password.replace(nonAsciiSpaces, ' ').replace(mappedToNothing, '').normalize('NFKC');
}
