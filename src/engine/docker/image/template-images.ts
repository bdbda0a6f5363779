import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { Deadline, formatMs } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { withLock } from '../../../base/machine/lock';
import type { Progress } from '../../../base/progress';
import type { Template } from '../../template';
import { keptUnusedMs } from '../../unused-age';
import { statusOf } from '../client/api-call';
import { baseImage, inspectImage } from './base-image';
import { buildContext } from './build-context';
import { build } from './build-image';
import { label, repository } from './labels';
import { ageOf, lockOf, noteUse } from './old-images';

/** The images of one template. */
export interface ClusterImages {
  readonly master: string;
  readonly slave: string;
  /** Directories that the base image declares as VOLUME. */
  readonly volumes: readonly string[];
}

interface Pair {
  readonly found: ClusterImages;
  readonly slave: Docker.ImageInspectInfo;
}

const buildMs = 600_000;

/**
 * The images for a template, built unless they are there. Their tags carry a hash of the base
 * image, the dockerfiles and the template; builders of the same hash wait for each other.
 *
 * @throws `ERR_PG_CLUSTER_IMAGE` with the output of the step that failed.
 */
export async function ensureImages(o: {
  docker: Docker;
  image: string;
  template: Template;
  progress: Progress;
}): Promise<ClusterImages> {
  const { docker, template, progress } = o;
  const deadline = Deadline.in(buildMs);
  const context = buildContext(template);
  const base = await baseImage(docker, o.image, progress, deadline);
  const hash = createHash('sha256').update(`${base}\n${context.hash}`).digest('hex').slice(0, 20);
  const tags = { master: `${repository}/master:${hash}`, slave: `${repository}/slave:${hash}` };

  const used = async ({ found, slave }: Pair) =>
    (await noteUse(docker, slave, hash, deadline)) ? found : undefined;
  const there = await findImages(docker, tags.slave);
  // When they are older, others may be about to remove them.
  if (there && ageOf([there.slave]) < keptUnusedMs / 2) {
    const images = await used(there);
    if (images) return images;
  }
  return withLock(lockOf(hash), deadline, progress, async () => {
    const meanwhile = await findImages(docker, tags.slave);
    const images = meanwhile && (await used(meanwhile));
    if (images) return images;

    const labels = { [label.template]: hash, [label.baseImage]: base };
    const master = await build({
      docker,
      context: await context.master(),
      tag: tags.master,
      args: { BASE: base, VERSION: String(template.version ?? '') },
      labels,
      what: `the master image from ${o.image}`,
      progress,
      deadline,
    });
    await build({
      docker,
      context: await context.slave(),
      tag: tags.slave,
      // By tag, since both the classic builder and BuildKit take one; the label says which image it
      // was.
      args: { MASTER: tags.master },
      labels: { ...labels, [label.masterImage]: master },
      what: 'the slave image',
      progress,
      deadline,
    });
    progress.end(`built ${tags.master} and …/slave in ${formatMs(deadline.elapsedMs)}`);
    const pair = await findImages(docker, tags.slave);
    // The engine may have taken them from its cache, with an old date.
    const built = pair && (await used(pair));
    if (!built) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_IMAGE',
        `the image ${tags.slave} was built, but the engine does not know it; was it removed meanwhile?`,
      );
    }
    return built;
  });
}

/**
 * The pair of images for a slave's tag. The master's is the one that the slave's was built on: only
 * then do both have the same data directory.
 */
async function findImages(docker: Docker, slaveTag: string): Promise<Pair | undefined> {
  try {
    const slave = await inspectImage(docker, slaveTag);
    const master = await inspectImage(docker, slave.Config.Labels?.[label.masterImage] ?? '');
    const volumes = Object.keys(slave.Config.Volumes ?? {});
    return { found: { master: master.Id, slave: slave.Id, volumes }, slave };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw new PgClusterError('ERR_PG_CLUSTER_IMAGE', messageOf(error), { cause: error });
  }
}
