import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../base/errors';
import { takeOptions } from '../options/take-options';
import { parseAge } from './amounts';
import { type Command, UsageError } from './command';
import { endSoon } from './end-soon';
import { pruneEngines } from './prune-engines';
import { pruneRecordings } from './prune-recordings';
import { type PruneReport, pruneReport } from './prune-report';

const usualAge = '7d';
const usualFolder = 'pg-cluster-report';

const usage = `usage: pg-cluster prune [report folders…] [--older 7d | --all] [--dry-run]

Removes what can be made again, if nobody has used it for some time, and says what and how much:
images (Docker), templates and copies of programs (local processes), recordings and pages of the
reporter (in ${usualFolder}/, or in the folders given), and what processes that have ended have
left. What a living process of this user uses stays, and so does what somebody else has made.
Without it, images, templates and copies go after two weeks.

  --older AGE  how long it has not been used: 30m, 12h, 7d (the default), 2w
  --all        whenever it was used: also what was made today, if nobody uses it now
  --dry-run    tells what would go, and removes nothing
  --help, -h   this text

It ends with 1 if something could not be removed. An engine that does not answer is passed over.`;

/** Removes what is old. */
export const pruneCommand: Command = {
  usage,
  async run(args) {
    const { folders, areGiven, ...how } = read(args);
    const { options } = takeOptions({}, process.cwd());
    const report = pruneReport(how);
    await pruneEngines(options, how, report);
    for (const folder of folders) pruneRecordings(folder, areGiven, how, report);
    end(report);
  },
};

function end(report: PruneReport): void {
  report.end();
  endSoon();
  if (report.failures === 0) return;
  const what = report.failures === 1 ? 'one thing' : `${report.failures} things`;
  throw new Error(`could not remove ${what}, see above`);
}

interface Given {
  readonly folders: readonly string[];
  readonly areGiven: boolean;
  readonly olderThanMs: number;
  readonly dryRun: boolean;
}

function read(args: readonly string[]): Given {
  const { positionals, values } = parsed(args);
  if (values.all && values.older !== undefined) {
    throw new UsageError('--all takes what is young, too: leave out --older');
  }
  const older = values.older ?? usualAge;
  const olderThanMs = values.all ? 0 : parseAge(older);
  if (olderThanMs === undefined) {
    throw new UsageError(`--older has to be a time like 30m, 12h, 7d or 2w, not '${older}'`);
  }
  const folders = positionals.length > 0 ? positionals : [usualFolder];
  return {
    folders: folders.map((folder) => resolve(folder)),
    areGiven: positionals.length > 0,
    olderThanMs,
    dryRun: values['dry-run'] ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        older: { type: 'string' },
        all: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
