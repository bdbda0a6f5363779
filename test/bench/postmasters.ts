import { join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { freePort, releasePort } from '../../src/base/machine/ports';
import { makePrivate } from '../../src/base/machine/private-directory';
import { newId } from '../../src/base/new-id';
import { progressTo } from '../../src/base/progress';
import { templateFor } from '../../src/cluster/settings/template';
import { ensureTemplate } from '../../src/engine/local/data/cached-template';
import { removeTree } from '../../src/engine/local/directories/remove-tree';
import { cacheDirectory, dataRoot, serversPart } from '../../src/engine/local/directories/roots';
import { findBinaries } from '../../src/engine/local/programs/find-programs';
import { runnablePrograms } from '../../src/engine/local/programs/runnable-programs';
import { Server } from '../../src/engine/local/server/server';
import { unpack } from '../../src/engine/local/system/archives';
import { serverUser } from '../../src/engine/local/system/server-user';
import { takeOptions } from '../../src/options/take-options';
import type { Started } from './bench-nodes';

/**
 * The floor without Docker: `count` servers on copies of a data directory, all at once, that know
 * nothing of each other, until each lets clients in.
 */
export async function startPostmasters(count: number): Promise<Started> {
  const { options } = takeOptions({ engine: 'local' }, __dirname);
  const deadline = Deadline.in(60_000);
  const user = serverUser();
  const cache = cacheDirectory(undefined);
  const binaries = await findBinaries(
    { binDir: undefined, version: 17, rootDir: __dirname, whyNotOthers: undefined },
    deadline,
  );
  const progress = progressTo();
  // Nobody prunes meanwhile.
  const uses = () => {};
  const programs = await runnablePrograms(binaries, { user, cache, progress, uses }, deadline);
  const workshop = join(serversPart(dataRoot(count), user), newId());
  makePrivate(workshop, user.ids);
  const { versionText, major } = binaries;
  const whyEnded = () => undefined;
  const place = { programs, versionText, major, user, cache, workshop, whyEnded, uses };
  const { archive } = await ensureTemplate(
    { template: templateFor(options), preparation: undefined },
    place,
    progress,
  );

  const startedAt = performance.now();
  const servers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const home = join(workshop, `node${index}`);
      makePrivate(home, user.ids);
      const port = await freePort();
      await unpack(archive, home, user, deadline);
      const endpoint = { host: '127.0.0.1', port };
      const server = new Server({ programs, user, home, endpoint, name: `node${index}` });
      await server.start(deadline);
      return { server, port };
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    seconds,
    remove: async () => {
      const stoppingAt = performance.now();
      await removeTree(workshop, deadline);
      for (const { port } of servers) releasePort(port);
      return (performance.now() - stoppingAt) / 1000;
    },
  };
}
