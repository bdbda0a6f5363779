/**
 * How many clusters are in use. While there are any, the channel to the parent process keeps this
 * process alive.
 */
let uses = 0;

/**
 * A test runner's worker is about to use a cluster: if its parent ends meanwhile, so does it. With
 * `--bail` Jest may exit while its workers are in the middle of a file. Such a worker would go on
 * with nobody to report to, and its cluster with it.
 */
export function endWithParent(): void {
  uses += 1;
  if (uses === 1) process.on('disconnect', endOrphan);
}

/** The end of what {@link endWithParent} has begun. */
export function mayOutliveParent(): void {
  uses -= 1;
  if (uses === 0) process.removeListener('disconnect', endOrphan);
}

function endOrphan(): void {
  try {
    process.exit(1);
  } catch {
    // Vitest puts a function there that throws.
    process.kill(process.pid, 'SIGKILL');
  }
}
