import { parseArgs } from 'node:util';
import { Deadline } from '../../base/deadline';
import { messageOf } from '../../base/errors';
import { notedDoors } from '../../prompt/door-file';
import { end } from '../../prompt/visit';
import { type Command, UsageError } from '../command';
import { chosenDoor } from './doors';

const removeMs = 90_000;

const usage = `usage: pg-cluster down [id] [--all]

Ends a cluster that pg-cluster up --detach has left running, or that of a failed test that
PG_CLUSTER_KEEP has kept. Without an id: the only one there is.

  --all        every one of this user on this machine
  --help, -h   this text`;

/** Ends clusters that other processes hold. */
export const downCommand: Command = {
  usage,
  async run(args) {
    const { id, all } = read(args);
    const doors = all ? notedDoors() : [chosenDoor(id)];
    await Promise.all(doors.map((door) => end(door, Deadline.in(removeMs))));
    for (const { id: ended, what } of doors) process.stdout.write(`removed ${ended}, ${what}\n`);
    if (doors.length === 0) process.stdout.write('no cluster is held here\n');
  },
};

function read(args: readonly string[]): { id: string | undefined; all: boolean } {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { all: { type: 'boolean', default: false } },
    });
    const [id, more] = positionals;
    if (more !== undefined) throw new Error('one id at a time, or --all');
    return { id, all: values.all };
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
