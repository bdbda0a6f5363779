import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';

/**
 * Runs the scripts `lint:…` of package.json, as many at once as the machine has processors. Each one's
 * output is shown as a whole when it has ended, and all are run, whichever fails.
 */
const { scripts } = require('../../package.json') as { scripts: Record<string, string> };
const linters = Object.entries(scripts).filter(([name]) => name.startsWith('lint:'));

async function lint(name: string, script: string): Promise<void> {
  // npm has put node_modules/.bin into PATH.
  const child = spawn(`${script} 2>&1`, { shell: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code === 0) return void process.stdout.write(output);
  process.exitCode = 1;
  process.stderr.write(`${output}\n[lint] *** ${name} has failed: ${script} ***\n`);
}

async function lintInTurn(): Promise<void> {
  for (let next = linters.shift(); next; next = linters.shift()) await lint(...next);
}

if (linters.length === 0) throw new Error('package.json has no scripts lint:…');
void Promise.all(Array.from({ length: availableParallelism() }, lintInTurn));
