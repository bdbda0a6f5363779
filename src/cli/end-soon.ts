/** Time for what was begun, and got no answer, to be let go. */
const lingerMs = 50;

/**
 * Ends the process when a command is done. An address that has not answered may keep it alive for
 * long, as an ssh client does.
 */
export function endSoon(): void {
  setTimeout(() => process.exit(), lingerMs).unref();
}
