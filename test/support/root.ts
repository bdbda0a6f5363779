/** For tests of what only root can do: run by anybody else they fail, and do not pass unseen. */
export function needRoot(why: string): void {
  if (process.getuid?.() !== 0) throw new Error(`run this test as root: ${why}`);
}
