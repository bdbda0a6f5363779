#!/usr/bin/env node
import { messageOf } from '../base/errors';
import { type Command, UsageError } from './command';
import type * as Doctor from './doctor';
import type * as Prune from './prune';
import type * as Report from './report';
import type * as Down from './up/down';
import type * as Up from './up/up';

interface Entry {
  /** One line. */
  readonly summary: string;
  readonly load: () => Command;
}

/** What each does, and how to load it: no command waits for what others need. */
const commands: Readonly<Record<string, Entry>> = {
  up: {
    summary: 'starts a cluster and gives a prompt to try it by hand',
    load: () => (require('./up/up') as typeof Up).upCommand,
  },
  down: {
    summary: 'ends a cluster that up --detach or PG_CLUSTER_KEEP has left running',
    load: () => (require('./up/down') as typeof Down).downCommand,
  },
  doctor: {
    summary: 'tells which engine would run nodes here, why, and what to do',
    load: () => (require('./doctor') as typeof Doctor).doctorCommand,
  },
  prune: {
    summary: 'removes old images, templates, recordings and leftovers, and says how much',
    load: () => (require('./prune') as typeof Prune).pruneCommand,
  },
  report: {
    summary: 'makes the page of recordings, also of several shards or a killed run',
    load: () => (require('./report') as typeof Report).reportCommand,
  },
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
  const command = Object.hasOwn(commands, name) ? commands[name]?.load() : undefined;
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
