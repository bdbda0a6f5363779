import { parseArgs } from 'node:util';
import { messageOf } from '../base/errors';
import { type DiagnosedEngines, diagnoseEngines } from '../engine/diagnose-engines';
import { takeOptions } from '../options/take-options';
import { type Command, UsageError } from './command';
import { doctorText } from './doctor-text';
import { endSoon } from './end-soon';

const usage = `usage: pg-cluster doctor [--json]

Tells what would run nodes here: where each engine was looked for, what it said, which one
engine: 'auto' takes and why, what works less well than it could, and what to do. It looks as
tests do, takes some seconds at most, and starts, builds and changes nothing.
It ends with 0 if nodes would run on some engine, with 1 if on none.

Options of a Jest config are not read: this is for the defaults. The environment counts:
DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_CERT_PATH, DOCKER_TLS_VERIFY, PATH and
PG_CLUSTER_CACHE_DIR.

  --json       one JSON object, for programs:
                 shape    1; it changes with the meaning of what is here, not with additions
                 auto     { engine, works, why }, or null if it takes none
                 engines  [{ engine, works, problem, tried, facts, limits, kept }]
                   tried  [{ name, where, isAuto, works, isTaken, said, help }]
                   facts  { version: "…", memoryBytes: 1024, … }
                   limits [{ what, help }]
                   kept   [{ kind: "images" | "template" | "programs", name, bytes, unusedMs }]
  --help, -h   this text`;

/** Says what would run nodes here, and why. */
export const doctorCommand: Command = {
  usage,
  async run(args) {
    const { json } = read(args);
    const { options } = takeOptions({}, process.cwd());
    const found = await diagnoseEngines(options);
    process.stdout.write(json ? `${JSON.stringify(shapeOf(found), null, 2)}\n` : doctorText(found));
    endSoon();
    if (found.all.some(({ diagnosis }) => works(diagnosis))) return;
    throw new Error('nodes would run on no engine');
  },
};

function works({ opens, problem }: { opens: boolean; problem: string | undefined }): boolean {
  return opens && problem === undefined;
}

function shapeOf({ all, auto }: DiagnosedEngines): object {
  return {
    shape: 1,
    auto: auto
      ? {
          engine: auto.taken.entry.kind,
          works: works(auto.taken.diagnosis),
          why: auto.why,
        }
      : null,
    engines: all.map(({ entry, diagnosis }) => ({
      engine: entry.kind,
      works: works(diagnosis),
      problem: diagnosis.problem ?? null,
      tried: diagnosis.tried.map((one) => ({ ...one, help: one.help ?? null })),
      facts: Object.fromEntries(diagnosis.facts.map(({ key, value }) => [key, value])),
      limits: diagnosis.limits,
      kept: diagnosis.kept,
    })),
  };
}

function read(args: readonly string[]): { json: boolean } {
  try {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
    return { json: values.json ?? false };
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
