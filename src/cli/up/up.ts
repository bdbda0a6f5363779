import type { PromptOutcome } from '../../prompt/place';
import { visit } from '../../prompt/visit';
import { type Command, UsageError } from '../command';
import { answer, inBackground, startInBackground } from './detach';
import { chosenDoor } from './doors';
import { readFlags } from './flags';
import { holdCluster, optionsOf, removeAfter } from './held';
import { ownTerminal } from './terminal';

const usage = `usage: pg-cluster up [--config jest.config.js] [--slaves 2] [--engine local] …
       pg-cluster up --detach …
       pg-cluster up --attach [id]

Starts a cluster, shows its nodes, and gives a prompt at which the handle's calls can be typed:
pgCluster.failover(), pg1.pause(), sql(pg1, 'SELECT 1'), status. Commands are taken from standard
input, too, if that is no terminal. Ctrl-D, or the end of the input, removes everything.

  --config FILE       takes the options of this Jest config; flags win over them
  --project NAME      of that config, where there are several
  --<option> VALUE    any option of a cluster, as --slaves 1, --version 16, --init schema.sql
                      (repeated: a list), --tls, --no-wire, --settings '{"work_mem": "8MB"}'
  --detach            leaves it running, and prints how to reach it as lines of an environment:
                      eval "$(pg-cluster up --detach)". pg-cluster down ends it
  --attach [ID]       gives a prompt on one that is there already
  --help, -h          this text`;

/** A cluster to be tried by hand. */
export const upCommand: Command = {
  usage,
  async run(args) {
    const isInBackground = args[0] === inBackground;
    const flags = readFlags(isInBackground ? args.slice(1) : args);
    if (flags.attach !== undefined) {
      if (args.length > (flags.attach === '' ? 1 : 2))
        throw new UsageError('--attach goes with no other flag');
      endWith(await visit(chosenDoor(flags.attach), ownTerminal()));
    } else if (flags.detach) {
      // Bad ones start nothing.
      await optionsOf(flags);
      const others = args.filter((arg) => arg !== '--detach');
      process.stdout.write(await startInBackground(process.argv[1] ?? '', others));
    } else if (isInBackground) {
      const held = await holdCluster(flags);
      // Its end is that of the cluster.
      await removeAfter(
        held,
        answer(held).then(() => new Promise(() => {})),
      );
    } else {
      const held = await holdCluster(flags);
      const prompt = held.prompt(ownTerminal());
      const isEndedByOthers = await removeAfter(held, prompt.ended);
      prompt.close();
      if (isEndedByOthers) throw new Error('pg-cluster down has ended the cluster');
      endWith(prompt.outcome);
    }
  },
};

/** A person at a terminal has seen what failed. */
function endWith({ failures, exitCode }: PromptOutcome): void {
  if (exitCode !== undefined) process.exit(exitCode);
  if (failures === 0 || process.stdin.isTTY) return;
  throw new Error(failures === 1 ? 'a command has failed' : `${failures} commands have failed`);
}
