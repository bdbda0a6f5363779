import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { EngineName } from './engines';

/** Of a test with a run in it; the run has to end before. */
export const testLimitMs = 15 * 60_000;
const limitMs = testLimitMs - 60_000;

/**
 * Runs all acts on such an engine, in processes of its own: some are reached only from a network of their
 * own.
 * @throws with all that was written, unless what works there is what is said to
 */
export async function runShortForm(name: EngineName): Promise<void> {
  const args = [require.resolve('tsx/cli'), join(__dirname, 'run.ts'), name, '--short'];
  const run = spawn(process.execPath, args, {
    env: env(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // It ends what it has started.
    timeout: limitMs,
  });
  const [said, [code]] = await Promise.all([text(run.stderr), once(run, 'exit')]);
  if (code !== 0) throw new Error(`the acts on ${name} ended with ${code}:\n${said}`);
}

/** Without what our own Jest has put there: it would steer the inner one. */
function env(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(JEST_|NODE_ENV$)/.test(name));
  return Object.fromEntries(entries);
}
