import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '../base/errors';
import { writePage } from '../report/page/write-page';
import { readRecordings } from '../report/reading/read-recordings';
import { type Command, UsageError } from './command';

const defaultFolder = 'pg-cluster-report';

const usage = `usage: pg-cluster report [files or folders…] [--output page.html]

Makes a page of recordings: those of several shards together, or those of a run that was
killed. Without files and folders, of what is in ${defaultFolder}/.

  --output, -o FILE   where the page goes (${defaultFolder}/index.html)
  --help, -h          this text`;

/** Makes the page of recordings that are there. */
export const reportCommand: Command = {
  usage,
  async run(args) {
    const { paths, output } = read(args);
    const { recordings, problems } = readRecordings(paths);
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    if (recordings.length === 0) {
      throw new Error(
        `there is no recording in ${paths.join(', ')}. Jest's reporter jest-environment-pg-cluster/reporter makes them`,
      );
    }
    for (const { begin, problems: ofFile } of recordings) {
      for (const problem of ofFile) process.stderr.write(`${begin.file}: ${problem}\n`);
    }
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, writePage(recordings, { keep: 'always' }));
    process.stdout.write(`${pathToFileURL(output).href}\n`);
  },
};

function read(args: readonly string[]): { paths: readonly string[]; output: string } {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { output: { type: 'string', short: 'o' } },
    });
    return {
      paths: positionals.length > 0 ? positionals : [defaultFolder],
      output: resolve(values.output ?? `${defaultFolder}/index.html`),
    };
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
