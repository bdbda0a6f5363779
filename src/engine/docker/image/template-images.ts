import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { Deadline, formatMs } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { isLocked, withLock } from '../../../base/machine/lock';
import type { Progress } from '../../../base/progress';
import { withRemedy } from '../../engine-errors';
import type { Preparation, Template } from '../../template';
import { keptUnusedMs } from '../../unused-age';
import { statusOf } from '../client/api-call';
import { baseImage, inspectImage } from './base-image';
import { type BuildContext, buildContext } from './build-context';
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

/** What images are made for, and with. */
export interface ImagesWanted {
  readonly docker: Docker;
  readonly image: string;
  /** Undefined: the engine's own. */
  readonly platform: string | undefined;
  readonly template: Template;
  readonly preparation: Preparation | undefined;
  /**
   * Runs the preparation on the data of these images, and gives the image that has the result this
   * tag and these labels.
   */
  readonly prepare: (
    preparation: Preparation,
    from: ClusterImages,
    as: Named,
    deadline: Deadline,
  ) => Promise<void>;
  readonly progress: Progress;
  /** Called with the name of the images' lock before they are used. */
  readonly uses: (images: string) => void;
}

/** How an image is found. */
export interface Named {
  readonly tag: string;
  readonly labels: Record<string, string>;
}

/**
 * The images for a template, built unless they are there. Their tags carry a hash of the base
 * image, the dockerfiles and the template; builders of the same hash wait for each other.
 *
 * @throws `ERR_PG_CLUSTER_IMAGE` with the output of the step that failed; what `prepare` throws
 */
export async function ensureImages(o: ImagesWanted): Promise<ClusterImages> {
  const { docker, template, preparation, progress } = o;
  const deadline = Deadline.in(buildMs + (preparation?.timeoutMs ?? 0));
  const base = await baseImage(docker, o, progress, deadline);
  const unprepared = { ...o, template: { ...template, preparation: undefined } };
  const ensureUnprepared = () =>
    ensurePair({ ...unprepared, preparation: undefined }, base, deadline, (context, as) =>
      buildMaster(unprepared, { context, as, base }, deadline),
    );
  if (!preparation) return ensureUnprepared();
  return ensurePair(o, base, deadline, async (context, { tag, labels }) => {
    const from = await ensureUnprepared();
    // What these are built on is not removed with them.
    const as = { tag, labels: { ...labels, [label.baseImage]: from.master } };
    return buildPrepared(o, { preparation, context, as, from }, deadline);
  });
}

/** @param makeMaster makes the master's image; resolves to its id */
async function ensurePair(
  { docker, template, preparation, progress, uses }: ImagesWanted,
  base: string,
  deadline: Deadline,
  makeMaster: (context: BuildContext, as: Named) => Promise<Named & { id: string }>,
): Promise<ClusterImages> {
  const context = buildContext(template);
  const hash = createHash('sha256').update(`${base}\n${context.hash}`).digest('hex').slice(0, 20);
  const tags = { master: `${repository}/master:${hash}`, slave: `${repository}/slave:${hash}` };
  const find = async () =>
    preparation?.isDueAgain(hash) ? undefined : findImages(docker, tags.slave);
  const used = async ({ found, slave }: Pair) =>
    (await noteUse(docker, slave, hash, deadline)) ? found : undefined;
  uses(lockOf(hash));
  // Somebody may be about to remove them, and has not seen that we use them.
  const there = isLocked(lockOf(hash)) ? undefined : await find();
  // When they are older, others may be about to remove them.
  if (there && ageOf([there.slave]) < keptUnusedMs / 2) {
    const images = await used(there);
    if (images) return images;
  }
  return withLock(lockOf(hash), deadline, progress, async () => {
    const meanwhile = await find();
    const images = meanwhile && (await used(meanwhile));
    if (images) return images;

    const named = { [label.template]: hash, [label.baseImage]: base };
    const { id, labels } = await makeMaster(context, { tag: tags.master, labels: named });
    await build({
      docker,
      context: await context.slave(),
      tag: tags.slave,
      // By tag, since both the classic builder and BuildKit take one; the label says which image it
      // was.
      args: { MASTER: tags.master },
      labels: { ...labels, [label.masterImage]: id },
      what: 'the slave image',
      progress,
      deadline,
    });
    preparation?.wasMade(hash);
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

async function buildMaster(
  { docker, image, template, progress }: ImagesWanted,
  { context, as, base }: { context: BuildContext; as: Named; base: string },
  deadline: Deadline,
): Promise<Named & { id: string }> {
  try {
    const id = await build({
      docker,
      context: await context.master(),
      ...as,
      args: { BASE: base, VERSION: String(template.version ?? '') },
      what: `the master image from ${image}`,
      progress,
      deadline,
    });
    return { ...as, id };
  } catch (error) {
    if (!(error instanceof PgClusterError)) throw error;
    throw new PgClusterError(error.code, withRemedy(error.message), { cause: error.cause });
  }
}

async function buildPrepared(
  { docker, prepare, progress }: ImagesWanted,
  o: { preparation: Preparation; context: BuildContext; as: Named; from: ClusterImages },
  deadline: Deadline,
): Promise<Named & { id: string }> {
  const { preparation, context, as, from } = o;
  const tag = as.tag.replace('/master:', '/prepared:');
  await prepare(preparation, from, { ...as, tag }, deadline);
  const id = await build({
    docker,
    context: await context.prepared(),
    ...as,
    args: { PREPARED: tag },
    what: 'the image of a prepared master',
    progress,
    deadline,
  });
  return { ...as, id };
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
