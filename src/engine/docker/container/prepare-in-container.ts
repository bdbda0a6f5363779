import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { freePort, releasePort } from '../../../base/machine/ports';
import type { Progress } from '../../../base/progress';
import { escapeIdentifier, escapeLiteral } from '../../../postgres/quoted';
import { scramVerifier } from '../../../postgres/scram';
import { withRemedy } from '../../engine-errors';
import type { Preparation, Template } from '../../template';
import { call } from '../client/api-call';
import type { Dial, Way } from '../dial/dial';
import { tar } from '../image/build-context';
import type { ClusterImages, Named } from '../image/template-images';
import { networkingConfig, type Place, serverOptions } from './container-options';
import { exec } from './exec';
import { removeContainer } from './remove-container';
import type { MakeContainer } from './run-beside';
import { startContainer } from './start-container';

const name = 'the server that data are prepared on';
const script = '/pg-cluster/prepare-data.sh';
const removeMs = 10_000;

/**
 * Runs a preparation on the data of a master's image, in a container of it that is reached as nodes
 * are, and makes an image of what is left.
 *
 * @throws what the preparation throws; `ERR_PG_CLUSTER_PREPARE` if it has left what cannot be used
 */
export async function prepareInContainer(
  o: {
    images: ClusterImages;
    template: Template;
    preparation: Preparation;
    makeContainer: MakeContainer;
    dial: Dial;
    /** Where the container is; undefined: where the engine puts it by itself. */
    place: Place | undefined;
    as: Named;
    progress: Progress;
  },
  deadline: Deadline,
): Promise<void> {
  const { images, template, preparation, dial, place, progress } = o;
  const port = await freePort();
  const password = randomBytes(18).toString('base64url');
  const role = escapeIdentifier(template.user);
  const run = (step: string, sql: string) => runStep(container, step, sql, deadline);
  progress.step('preparing data: starting a server');
  const server = serverOptions({ dial, port, volumes: images.volumes });
  const container = await o.makeContainer(
    {
      Image: images.master,
      Entrypoint: ['sh', script, 'wait'],
      Cmd: [],
      ...server,
      ...(place && {
        NetworkingConfig: networkingConfig(place, []),
        HostConfig: { ...server.HostConfig, NetworkMode: place.network },
      }),
    },
    'make a container to prepare data in',
    deadline,
  );
  let way: Way | undefined;
  try {
    way = await dial.open({ name, container, port, address: place?.address?.ip }, deadline);
    const { endpoint } = way;
    await startContainer(container, { name, way }, deadline);
    await giveTls(container, preparation, deadline);
    await run('start', `ALTER ROLE ${role} PASSWORD ${escapeLiteral(scramVerifier(password))}`);
    await preparation.run({ endpoint, password }, progress);
    progress.step('preparing data: keeping what was made');
    await run('finish', `ALTER ROLE ${role} PASSWORD NULL`);
    await commit(container, o.as, deadline);
  } finally {
    progress.end();
    releasePort(port);
    const removal = deadline.atLeast(removeMs);
    await way?.close(removal);
    await removeContainer(container, `the container of ${name}`, removal);
  }
}

/** In an archive: the engine tells everybody who asks what a command's arguments are. */
async function giveTls(
  container: Docker.Container,
  { tls }: Preparation,
  deadline: Deadline,
): Promise<void> {
  if (!tls) return;
  const archive = await tar([
    ['given.crt', tls.cert],
    ['given.key', tls.key],
  ]);
  await call(deadline, `give ${name} its certificate`, (abortSignal) =>
    container.putArchive(archive, { path: '/pg-cluster/run', abortSignal }),
  );
}

async function runStep(
  container: Docker.Container,
  step: string,
  sql: string,
  deadline: Deadline,
): Promise<void> {
  const { exitCode, output } = await exec(
    container,
    { command: ['sh', script, step, sql], what: `${step} ${name}` },
    deadline,
  );
  if (exitCode === 0) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_PREPARE',
    `prepare failed: could not ${step} ${name}: ${withRemedy(output) || `exit code ${exitCode}`}`,
  );
}

/** The container's first process does nothing, so it may be killed. */
async function commit(container: Docker.Container, as: Named, deadline: Deadline): Promise<void> {
  const [repo, tag] = as.tag.split(':');
  const what = 'make an image of prepared data';
  await call(deadline, what, (abortSignal) => container.kill({ abortSignal }));
  await call(deadline, what, (abortSignal) =>
    container.commit({
      repo,
      tag,
      changes: Object.entries(as.labels).map(([key, value]) => `LABEL ${key}=${value}`),
      abortSignal,
    }),
  );
}
