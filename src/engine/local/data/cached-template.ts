import { existsSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash } from '../../../base/content-hash';
import { Deadline, formatMs } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { isLocked, withLock } from '../../../base/machine/lock';
import { makePrivate } from '../../../base/machine/private-directory';
import type { Progress } from '../../../base/progress';
import { initdbOptions, locales } from '../../data-directory-rules';
import type { Preparation, Template } from '../../template';
import { makeEntry } from '../programs/cache-entry';
import { lockOf, noteUse } from '../programs/unused-entries';
import { pack } from '../system/archives';
import type { Original } from './original';
import { TemplateBuilder, type Workshop } from './template-builder';
import { newestVersion, nextVersion, removeReplaced } from './template-versions';

const buildMs = 180_000;
/** Counted up when the same template makes something else. */
const edition = 4;

const archiveName = 'data.tar';

/** What nodes' data directories are unpacked from at birth. */
export interface LocalTemplate extends Original {
  /**
   * The bootstrap superuser's password. With it a newborn master's roles get theirs, and then it is
   * taken away: only somebody who can read the cache could log in to a master while it is being
   * born.
   */
  readonly password: string;
}

interface Place extends Workshop {
  readonly versionText: string;
  readonly cache: string;
  /** Called with the name of an entry's lock before the entry is used. */
  readonly uses: (entry: string) => void;
}

/**
 * The data directory for a template. It is made unless it is in the cache, where its name is a hash
 * of all that went in. Processes that need the same one wait for each other.
 *
 * @throws `ERR_PG_CLUSTER_IMAGE` that says which step failed, and how
 */
export async function ensureTemplate(
  o: { template: Template; preparation: Preparation | undefined },
  place: Place,
  progress: Progress,
): Promise<LocalTemplate> {
  const { template, preparation } = o;
  const deadline = Deadline.in(buildMs + (preparation?.timeoutMs ?? 0));
  const hash = templateHash(template, place);
  const home = join(place.cache, `template-${hash}`);
  const isDueAgain = () => preparation?.isDueAgain(hash) ?? false;
  const findUsable = () => (isDueAgain() ? undefined : find(newestVersion(home)));
  place.uses(lockOf(home));
  // Somebody may be about to remove it, and has not seen that we use it.
  const there = isLocked(lockOf(home)) ? undefined : findUsable();
  if (there && (await noteUse(home, { deadline, progress }))) return there;
  return withLock(lockOf(home), deadline, progress, async () => {
    const meanwhile = findUsable();
    if (meanwhile) return meanwhile;
    const builder = new TemplateBuilder(o, place, progress);
    const newest = newestVersion(home);
    const version = find(newest) ? nextVersion(home) : newest;
    try {
      await builder.run(deadline);
      await makeEntry(version, async (draft) => {
        makePrivate(draft);
        await pack(builder.home, 'data', join(draft, archiveName), deadline);
        await copyFile(join(builder.home, 'password'), join(draft, 'password'));
      });
    } finally {
      progress.end();
      await builder.clear();
    }
    preparation?.wasMade(hash);
    progress.end(`made a data directory in ${version} in ${formatMs(deadline.elapsedMs)}`);
    // Whatever cannot be removed, a later run tries again.
    await removeReplaced(home, archiveName).catch(() => {});
    const built = find(version);
    if (built) return built;
    throw new PgClusterError('ERR_PG_CLUSTER_IMAGE', `${version} was made, but is not there`);
  });
}

function find(home: string): LocalTemplate | undefined {
  const archive = join(home, archiveName);
  const password = join(home, 'password');
  if (!existsSync(archive) || !existsSync(password)) return undefined;
  return { archive, password: readFileSync(password, 'utf8') };
}

/** Changes with everything that goes into a data directory. */
export function templateHash(
  template: Template,
  { versionText, user }: Pick<Place, 'versionText' | 'user'>,
): string {
  const owner = user.ids?.uid ?? process.getuid?.();
  return contentHash({ edition, initdbOptions, locales, versionText, owner, template }).slice(
    0,
    20,
  );
}
