import { accessSync, constants, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { oldestMajor } from '../../data-directory-rules';
import { run } from '../system/run-program';
import { packageName, packageSpec } from './npm-packages';
import { type ProgramPlace, type ProgramsWanted, programPlaces } from './program-places';

/** PostgreSQL's programs; only `initdb` and `postgres` are used. */
export interface Binaries {
  readonly directory: string;
  /** E.g. `postgres (PostgreSQL) 17.10`. */
  readonly versionText: string;
  readonly major: number;
  /** The folder `native` of an npm package; its symbolic links may be missing. */
  readonly package: string | undefined;
}

/**
 * PostgreSQL's programs in a version: from `binDir` alone if that is given, else from the npm
 * package of this platform, as `rootDir` or this package sees it, else from where distributions put
 * them.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` that lists where it looked and what it found there
 */
export async function findBinaries(
  o: ProgramsWanted & { whyNotOthers?: string | undefined },
  deadline: Deadline,
): Promise<Binaries> {
  const looked: string[] = [];
  for (const place of programPlaces(o)) {
    const found = await lookAt(place, o.version, deadline);
    if (!('problem' in found)) return requireSupported(found);
    looked.push(`  - ${place.directory}: ${found.problem}`);
  }
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `found no PostgreSQL ${o.version ?? ''} to run nodes with. Looked in:\n${looked.join('\n')}\n${
      o.binDir
        ? 'binDir has to be a folder with the programs initdb and postgres.'
        : howToGet(o.version ?? 0)
    }${o.whyNotOthers === undefined ? '' : `\n${o.whyNotOthers}`}`,
  );
}

/** PostgreSQL's programs in a major version. */
export function howToGet(major: number): string {
  const spec = packageSpec(major);
  const npm = spec === undefined ? '' : `npm install --save-dev ${spec}, or `;
  return `To get it: ${npm}install PostgreSQL ${major} itself, or set binDir to a folder with its programs.`;
}

function requireSupported(binaries: Binaries): Binaries {
  if (binaries.major >= oldestMajor) return binaries;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `${binaries.directory} has PostgreSQL ${binaries.major}, but ${oldestMajor} is the first version that is supported`,
  );
}

/** What a place has; a problem if that will not do. */
export async function lookAt(
  place: ProgramPlace,
  version: number | undefined,
  deadline: Deadline,
): Promise<Binaries | { problem: string; major?: number }> {
  const found = await look(place, deadline);
  if ('problem' in found || version === undefined || found.major === version) return found;
  return { problem: `has version ${found.major}`, major: found.major };
}

async function look(
  place: ProgramPlace,
  deadline: Deadline,
): Promise<Binaries | { problem: string }> {
  try {
    const at = { directory: place.directory, package: place.package };
    readdirSync(place.directory);
    for (const program of ['postgres', 'initdb']) {
      accessSync(join(place.directory, program), constants.X_OK);
    }
    const program = join(place.directory, 'postgres');
    // The links to its libraries may still be missing; a package says its version without them.
    const { stdout, stderr } = await run(program, ['--version'], deadline);
    const major = Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]);
    if (major > 0) return { ...at, versionText: stdout.trim(), major };
    const version = packageVersion(place.package);
    if (version) return { ...at, ...version };
    return { problem: `its postgres does not run: ${stderr.trim() || stdout.trim()}` };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/**
 * The version that a package gives in its package.json, for programs that do not run before the
 * links are made.
 */
function packageVersion(
  native: string | undefined,
): Pick<Binaries, 'versionText' | 'major'> | undefined {
  if (!native) return undefined;
  const { version } = createRequire(__filename)(join(native, '..', 'package.json')) as {
    version: string;
  };
  return { versionText: `${packageName} ${version}`, major: Number.parseInt(version, 10) };
}
