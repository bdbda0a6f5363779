import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { packagedMajors, packageName } from './npm-packages';

/** Which programs are asked for. */
export interface ProgramsWanted {
  readonly binDir: string | undefined;
  /** Undefined: whatever `binDir` has. */
  readonly version: number | undefined;
  /** Where npm packages are looked for. */
  readonly rootDir: string;
}

/** Where PostgreSQL's programs may be. */
export interface ProgramPlace {
  /** Who put them there, in a word or two. */
  readonly name: string;
  readonly directory: string;
  /** The folder `native` of an npm package. */
  readonly package: string | undefined;
}

/**
 * Where programs are looked for: in `binDir` alone if that is given, else in the npm package of this
 * platform, as `rootDir` or this package sees it, then where distributions put a version.
 */
export function programPlaces({ binDir, version, rootDir }: ProgramsWanted): ProgramPlace[] {
  if (binDir) return [{ name: 'binDir', directory: binDir, package: undefined }];
  return [
    ...packagesSeenFrom([rootDir, __dirname]),
    ...usualPlaces(version ?? 0).map((directory) => placeOf('installed', directory)),
  ];
}

/**
 * Where else there are programs: of other versions, and what PATH leads to. `env` has PATH. Places
 * with nothing are not among them.
 */
export function otherPlaces(
  wanted: ProgramsWanted,
  env: NodeJS.ProcessEnv = process.env,
): ProgramPlace[] {
  const known = new Set(programPlaces(wanted).map(({ directory }) => directory));
  const path = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = [
    ...path.map((directory) => placeOf('PATH', directory)),
    ...installedMajors().flatMap((major) =>
      usualPlaces(major).map((directory) => placeOf('installed', directory)),
    ),
  ];
  return found.filter(({ directory }) => {
    if (known.has(directory) || !existsSync(join(directory, 'postgres'))) return false;
    known.add(directory);
    return true;
  });
}

function placeOf(name: string, directory: string): ProgramPlace {
  return { name, directory, package: undefined };
}

/** Those that have a package, and whatever Debian has, which may be older or newer. */
function installedMajors(): number[] {
  const debian = '/usr/lib/postgresql';
  const there = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  return [...new Set([...there.filter((major) => major > 0), ...packagedMajors])];
}

/** Where distributions and installers put a major version. */
function usualPlaces(major: number): string[] {
  return [
    `/usr/lib/postgresql/${major}/bin`,
    `/usr/pgsql-${major}/bin`,
    `/usr/libexec/postgresql${major}`,
    ...(process.platform === 'darwin' ? macPlaces(major) : []),
    '/usr/local/pgsql/bin',
    '/usr/local/bin',
    '/usr/bin',
  ];
}

function macPlaces(major: number): string[] {
  return [
    `/opt/homebrew/opt/postgresql@${major}/bin`,
    `/usr/local/opt/postgresql@${major}/bin`,
    `/Applications/Postgres.app/Contents/Versions/${major}/bin`,
  ];
}

/** The package's main module is an ES module, so it is only located, not loaded. */
function packagesSeenFrom(places: readonly string[]): ProgramPlace[] {
  const found = new Set<string>();
  for (const place of places) {
    try {
      const main = createRequire(join(place, 'any.js')).resolve(packageName);
      found.add(join(main, '..', '..', 'native'));
    } catch {
      found.add(join(place, 'node_modules', packageName, 'native'));
    }
  }
  return [...found].map((native) => ({
    name: 'npm package',
    directory: join(native, 'bin'),
    package: native,
  }));
}
