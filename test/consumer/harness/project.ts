import { randomUUID } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { installation } from './installation';

/** A consumer's project: a copy of a folder of `test/consumer/projects`. */
export class Project {
  readonly folder: string;
  /** Whether it is another user's by now, who may not write where the tests' user does. */
  isGivenAway = false;

  constructor(readonly name: string) {
    this.folder = join(installation(), 'projects', `${name}-${randomUUID().slice(0, 8)}`);
    cpSync(join(__dirname, '..', 'projects', name), this.folder, { recursive: true });
  }

  write(file: string, content: string): void {
    writeFileSync(join(this.folder, file), content);
  }

  remove(file: string): void {
    rmSync(join(this.folder, file));
  }

  /** Has it use the preset, with these options of the environment. */
  configure(options: object): void {
    this.write(
      'jest.config.js',
      `module.exports = {
        preset: 'jest-environment-pg-cluster',
        testEnvironmentOptions: ${JSON.stringify(options)},
      };\n`,
    );
  }

  /** Makes the project another user's, but for what is not a file of its own. */
  giveTo(uid: number): void {
    this.isGivenAway = true;
    for (const file of readdirSync(this.folder, { withFileTypes: true })) {
      if (file.isFile()) chownSync(join(this.folder, file.name), uid, uid);
    }
    chownSync(this.folder, uid, uid);
  }

  /** What the tests of the project have told by writing `told-<name>.json`. */
  told<T>(): T[] {
    return (
      readdirSync(this.folder)
        .filter((file) => /^told-.*\.json$/.test(file))
        .sort()
        .map((file) => readFileSync(join(this.folder, file), 'utf8'))
        // A file is there a moment before its text is.
        .filter((text) => text !== '')
        .map((text) => JSON.parse(text))
    );
  }

  /** What became of each test in Jest's last run, by its full name. */
  statuses(): Record<string, string> {
    const file = join(this.folder, resultsFile);
    if (!existsSync(file)) return {};
    const results: Results = JSON.parse(readFileSync(file, 'utf8'));
    return Object.fromEntries(
      results.testResults.flatMap(({ assertionResults }) =>
        assertionResults.map(({ fullName, status }) => [fullName, status]),
      ),
    );
  }
}

export const resultsFile = 'results.json';

interface Results {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}
