import type Debug from 'debug';
import { formatMs } from './deadline';

/** Loaded only where somebody wants to hear of it. */
const debug = (): typeof Debug => require('debug');
const print = process.env.DEBUG ? debug()('pg-cluster') : undefined;

/** With DEBUG=pg-cluster, stderr says so. */
export function note(text: string): void {
  print?.(text);
}

/** Runs one step. With DEBUG=pg-cluster, stderr says how long it took. */
export async function timed<T>(step: string, work: () => Promise<T>): Promise<T> {
  if (!print?.enabled) return work();
  const startedAt = performance.now();
  let outcome = 'took';
  try {
    return await work();
  } catch (error) {
    outcome = 'failed after';
    throw error;
  } finally {
    print(`${step} ${outcome} ${formatMs(performance.now() - startedAt)}`);
  }
}
