import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../../base/errors';
import { optionTable } from '../../options/option-table';
import { UsageError } from '../command';

/** What is needed of a project of Jest's. */
interface Project {
  readonly rootDir: string;
  readonly displayName?: { readonly name: string };
  readonly testEnvironment: string;
  readonly testEnvironmentOptions: Readonly<Record<string, unknown>>;
}

interface JestConfig {
  readConfigs(
    argv: Record<string, unknown>,
    projectPaths: readonly string[],
  ): Promise<{ configs: readonly Project[] }>;
}

/**
 * The options of a Jest config, as Jest itself reads it, with its presets.
 * @param name of the project in it, where there are several
 * @throws `UsageError`
 */
export async function optionsOfJest(
  config: string,
  name: string | undefined,
): Promise<{ options: Readonly<Record<string, unknown>>; rootDir: string }> {
  const path = resolve(config);
  const { configs } = await read(path);
  const named = configs.filter((project) => name === undefined || nameOf(project) === name);
  // Its own path has the package's name in it, unless a class of the project's is derived of it.
  const ours = named.filter(({ testEnvironment }) => /pg-cluster/.test(testEnvironment));
  const [project, ...others] = ours.length > 0 ? ours : named;
  if (!project) {
    const names = configs.map(nameOf).join(', ');
    throw new UsageError(`${config} has no project ${JSON.stringify(name)}: there are ${names}`);
  }
  if (others.length > 0) {
    const names = [project, ...others].map(nameOf).join(', ');
    throw new UsageError(
      `${config} has several projects: choose one of them by --project: ${names}`,
    );
  }
  const options = Object.entries(project.testEnvironmentOptions).filter(([one]) =>
    isOfCluster(one),
  );
  return { options: Object.fromEntries(options), rootDir: project.rootDir };
}

/** Options about tests mean nothing here, nor do those of Jest's own environments. */
function isOfCluster(name: string): boolean {
  return Object.entries(optionTable).some(
    ([one, { changes }]) => one === name && changes !== 'tests',
  );
}

function nameOf({ displayName, rootDir }: Project): string {
  return displayName?.name ?? rootDir;
}

async function read(path: string): Promise<{ configs: readonly Project[] }> {
  try {
    const { readConfigs } = load(path);
    return await readConfigs({ _: [], $0: 'jest', config: path }, [dirname(path)]);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Jest's own reader, from the Jest that the project has. */
function load(path: string): JestConfig {
  const jest = createRequire(path).resolve('jest');
  const core = createRequire(jest).resolve('@jest/core');
  return createRequire(core)('jest-config') as JestConfig;
}
