/** Runs one step and says on stderr what it was and how long it took. */
export async function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    const result = await run();
    say(`${what}: ${seconds(started)}`);
    return result;
  } catch (error) {
    say(`${what}: FAILED after ${seconds(started)}`);
    throw error;
  }
}

export function say(line: string): void {
  process.stderr.write(`[engine] ${line}\n`);
}

/** For what changes the machine: nobody should overlook it in a log. */
export function sayLoudly(line: string): void {
  say(`*** ${line} ***`);
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
