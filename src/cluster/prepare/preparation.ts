import { contentHash } from '../../base/content-hash';
import { Deadline, formatMs, within } from '../../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../../base/errors';
import { isMarkedInRun, markInRun } from '../../base/machine/run-marks';
import { sayOncePerRun } from '../../base/machine/say-once-per-run';
import type { Progress } from '../../base/progress';
import type { Preparation } from '../../engine/template';
import type { Login } from '../../postgres/connection';
import type { PrepareSpec, TemplateSpec } from '../cluster-spec';
import type { ClusterTls } from '../cluster-tls';
import { PrepareChild } from './prepare-child';
import type { WorkEnd } from './prepare-messages';
import { openSessions, sessionsThatStay } from './sessions-left';
import { workFor } from './work-for';

/** With the value `again`, what was prepared by earlier runs is not used. */
const variable = 'PG_CLUSTER_PREPARE';
/** How many lines of the output a message shows. */
const linesAtMost = 40;

/** What the option `prepare` asks for; undefined if it is not given. */
export function preparationOf(
  spec: TemplateSpec,
  tls: ClusterTls | undefined,
): Preparation | undefined {
  const { prepare, user, database } = spec;
  if (!prepare) return undefined;
  // Not only when it runs: the run that should notice a change is one in which it does not.
  if (prepare.inputs === undefined) sayThatNothingIsNoticed(prepare);
  return {
    timeoutMs: prepare.timeoutMs,
    // Without TLS its clients get in, too: SQL of `init` runs on the same server.
    tls: tls && { ...tls.server, hba: undefined },
    run: ({ endpoint, password }, progress) => {
      const login = { endpoint, user, password, database, ca: tls?.ca };
      return run(prepare, { login, caFile: tls?.caFile }, progress);
    },
    isDueAgain: (id) => process.env[variable] === 'again' && !isMarkedInRun(markOf(id)),
    wasMade: (id) => void markInRun(markOf(id)),
  };
}

function markOf(id: string): string {
  return `prepared-${id}`;
}

async function run(
  spec: PrepareSpec,
  { login, caFile }: { login: Login; caFile: string | undefined },
  progress: Progress,
): Promise<void> {
  const what = nameOf(spec);
  progress.step(`preparing data: ${what}`);
  const { isTTY } = process.stderr;
  const child = new PrepareChild(workFor(spec, login, caFile), (text) => {
    if (!isTTY) return;
    progress.end();
    process.stderr.write(text);
  });
  const deadline = Deadline.in(spec.timeoutMs);
  const fail = (how: string) =>
    new PgClusterError(
      'ERR_PG_CLUSTER_PREPARE',
      `prepare failed after ${formatMs(deadline.elapsedMs)}: ${what} ${how}${shown(child.output)}`,
    );
  try {
    const end = await within(deadline, `${what} to end`, () => child.end).catch(async () => {
      throw fail(await whyEndless(login));
    });
    const sessions = await sessionsThatStay(login).catch(lostServer(fail));
    // What it has printed is complete then.
    await child.close();
    const problem = problemOf(end);
    if (problem) throw fail(problem);
    if (sessions !== '') {
      throw fail(
        `has ended, but something that it has started still uses the server: ${sessions}. No cluster can be born from data in use`,
      );
    }
  } finally {
    await child.close();
  }
}

async function whyEndless(login: Login): Promise<string> {
  const sessions = await openSessions(login).catch(messageOf);
  const still = sessions === '' ? 'it has no session on the server' : `its sessions: ${sessions}`;
  return `has not ended, and was killed; ${still}. A pool that nobody has ended keeps a process alive; prepare.timeoutMs gives more time`;
}

function sayThatNothingIsNoticed(spec: PrepareSpec): void {
  const what = nameOf(spec);
  // Jest's projects may each have their own.
  sayOncePerRun(
    `no-inputs-${contentHash([spec.directory, what])}`,
    `prepare runs ${what}, and has no inputs: if what it does changes, nobody will notice. Name the files that it depends on, or set ${variable}=again to run it anew`,
  );
}

/** For messages. */
function nameOf({ run }: PrepareSpec): string {
  return 'script' in run ? run.script : `\`${run.command}\``;
}

/** Undefined if it ended well. */
function problemOf(end: WorkEnd): string | undefined {
  if ('problem' in end) return `could not be run: ${end.problem}`;
  if (end.signal !== null) return `was ended by ${end.signal}`;
  // POSIX: a shell has not found the command.
  if (end.exitCode === 127) return 'names a program that is not there (exit code 127)';
  return end.exitCode === 0 ? undefined : `ended with exit code ${end.exitCode}`;
}

/** A role or database that is not there any more is told later, as what was left is looked at. */
function lostServer(fail: (how: string) => PgClusterError): (error: unknown) => string {
  return (error) => {
    if (/^(28|3D)/.test(codeOf(error) ?? '')) return '';
    throw fail(`has ended, but its server does not answer any more: ${messageOf(error)}`);
  };
}

/** The end of the output. */
function shown(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-linesAtMost);
  if (lines.join('') === '') return ', without a word';
  return `; it said\n${lines.map((line) => `  | ${line}`).join('\n')}`;
}
