import { contentHash } from '../base/content-hash';
import { templateFor } from '../cluster/settings/template';
import { optionNames, optionTable } from '../options/option-table';
import type { ResolvedOptions } from '../options/take-options';

/**
 * Equal for options that ask for the same cluster, so that a test file can take over the cluster of
 * another file. It includes the template because of the contents of the files that `init` names.
 */
export function clusterKey(options: ResolvedOptions): string {
  const names = optionNames.filter((name) => optionTable[name].changes !== 'tests');
  const values = Object.fromEntries(names.map((name) => [name, options[name]]));
  const { rootDir, workers } = options;
  const { DOCKER_HOST, DOCKER_CONTEXT } = process.env;
  const engineAt = [DOCKER_HOST, DOCKER_CONTEXT];
  return contentHash({ values, rootDir, workers, template: templateFor(options), engineAt });
}
