import { accessSync, constants, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { oldestMajor } from '../../data-directory-rules';
import { run } from '../system/run-program';
import { packageName, packageSpec } from './npm-packages';

/** PostgreSQL's programs; only `initdb` and `postgres` are used. */
export interface Binaries {
  readonly directory: string;
  /** E.g. `postgres (PostgreSQL) 17.10`. */
  readonly versionText: string;
  readonly major: number;
  /** The folder `native` of an npm package; its symbolic links may be missing. */
  readonly package: string | undefined;
}

/** Where distributions and installers put a major version. */
function usualPlaces(major: number): string[] {
  return [
    `/usr/lib/postgresql/${major}/bin`,
    `/usr/pgsql-${major}/bin`,
    `/usr/libexec/postgresql${major}`,
    `/opt/homebrew/opt/postgresql@${major}/bin`,
    `/usr/local/opt/postgresql@${major}/bin`,
    `/Applications/Postgres.app/Contents/Versions/${major}/bin`,
    '/usr/local/pgsql/bin',
    '/usr/local/bin',
    '/usr/bin',
  ];
}

/**
 * PostgreSQL's programs in a version: from `binDir` alone if that is given, else from the npm
 * package of this platform, as `rootDir` or this package sees it, else from where distributions put
 * them.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` that lists where it looked and what it found there
 */
export async function findBinaries(
  o: {
    binDir: string | undefined;
    version: number | undefined;
    rootDir: string;
    whyNotOthers?: string | undefined;
  },
  deadline: Deadline,
): Promise<Binaries> {
  const looked: string[] = [];
  const version = o.version ?? 0;
  const candidates = o.binDir
    ? [{ directory: o.binDir, package: undefined }]
    : [
        ...packagesSeenFrom([o.rootDir, __dirname]),
        ...usualPlaces(version).map((directory) => ({ directory, package: undefined })),
      ];
  for (const candidate of candidates) {
    const found = await look(candidate, deadline);
    if ('problem' in found) looked.push(`  - ${candidate.directory}: ${found.problem}`);
    else if (found.major === o.version || o.version === undefined) return requireSupported(found);
    else looked.push(`  - ${candidate.directory}: has version ${found.major}`);
  }
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `found no PostgreSQL ${o.version ?? ''} to run nodes with. Looked in:\n${looked.join('\n')}\n${
      o.binDir
        ? 'binDir has to be a folder with the programs initdb and postgres.'
        : howToGet(version)
    }${o.whyNotOthers === undefined ? '' : `\n${o.whyNotOthers}`}`,
  );
}

function howToGet(major: number): string {
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

/** The package's main module is an ES module, so it is only located, not loaded. */
function packagesSeenFrom(places: readonly string[]): { directory: string; package: string }[] {
  const found = new Set<string>();
  for (const place of places) {
    try {
      const main = createRequire(join(place, 'any.js')).resolve(packageName);
      found.add(join(main, '..', '..', 'native'));
    } catch {
      found.add(join(place, 'node_modules', packageName, 'native'));
    }
  }
  return [...found].map((native) => ({ directory: join(native, 'bin'), package: native }));
}

async function look(
  candidate: { directory: string; package: string | undefined },
  deadline: Deadline,
): Promise<Binaries | { problem: string }> {
  try {
    readdirSync(candidate.directory);
    for (const program of ['postgres', 'initdb']) {
      accessSync(join(candidate.directory, program), constants.X_OK);
    }
    const program = join(candidate.directory, 'postgres');
    // The links to its libraries may still be missing; a package says its version without them.
    const { stdout, stderr } = await run(program, ['--version'], deadline);
    const major = Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]);
    if (major > 0) return { ...candidate, versionText: stdout.trim(), major };
    const version = packageVersion(candidate.package);
    if (version) return { ...candidate, ...version };
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
