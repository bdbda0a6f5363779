#!/usr/bin/env node
import { messageOf } from '../base/errors';
import { type Command, UsageError } from './command';
import { doctorCommand } from './doctor';
import { pruneCommand } from './prune';
import { reportCommand } from './report';
import { downCommand } from './up/down';
import { upCommand } from './up/up';

/** By the word that calls them. */
const commands: Readonly<Record<string, Command>> = {
  up: upCommand,
  down: downCommand,
  doctor: doctorCommand,
  prune: pruneCommand,
  report: reportCommand,
};

const usage = [
  'usage: pg-cluster <command> [options]',
  '',
  ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`),
  '',
  'pg-cluster <command> --help tells more.',
].join('\n');

/** Resolves to the exit code: 0 done, 1 failed, 2 called wrongly. */
async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`${usage}\n`);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`pg-cluster: there is no command ${JSON.stringify(name)}\n\n${usage}\n`);
    return 2;
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${command.usage}\n`);
    return 0;
  }
  try {
    await command.run(args);
    return 0;
  } catch (error) {
    // Its lines are for a person to read.
    const words = error instanceof Error ? error.message : messageOf(error);
    process.stderr.write(`pg-cluster ${name}: ${words}\n`);
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(`\n${command.usage}\n`);
    return 2;
  }
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  },
);
