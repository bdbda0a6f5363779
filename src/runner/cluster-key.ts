import { contentHash } from '../base/content-hash';
import { templateFor } from '../cluster/settings/template';
import {
  type OptionName,
  optionNames,
  optionTable,
  type TestsOption,
} from '../options/option-table';
import type { ClusterOptions } from '../options/take-options';

/**
 * Equal for options that ask for the same cluster, so that a test file can take over the cluster of
 * another file. It includes the template because of the contents of the files that `init` names.
 */
export function clusterKey(options: ClusterOptions): string {
  const { rootDir, workers } = options;
  const { DOCKER_HOST, DOCKER_CONTEXT } = process.env;
  return contentHash({
    values: optionNames.filter(makesAnother).map((name) => [name, options[name]]),
    rootDir,
    workers,
    template: templateFor(options),
    engineAt: [DOCKER_HOST, DOCKER_CONTEXT],
  });
}

function makesAnother(name: OptionName): name is Exclude<OptionName, TestsOption> {
  return optionTable[name].changes !== 'tests';
}
