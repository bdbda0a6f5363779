import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processStart } from '../../src/base/machine/process-start-time';
import { label } from '../../src/engine/docker/image/labels';
import { dataRoots, serversPart } from '../../src/engine/local/directories/roots';
import { serverUser } from '../../src/engine/local/system/server-user';
import { docker } from '../support/docker';
import { engine } from '../support/engine';

interface Planted extends AsyncDisposable {
  /** Which of its things are there. */
  there(): Promise<string[]>;
  /** All of them. */
  readonly things: readonly string[];
}

/** What a session of that owner might have left; without an owner, what is nobody's session. */
export function plant(sessionId: string, owner: string | undefined): Promise<Planted> {
  return engine === 'local' ? plantTree(sessionId, owner) : plantContainer(sessionId, owner);
}

/** A directory, and one of the servers' with a process at work in it. */
async function plantTree(sessionId: string, owner: string | undefined): Promise<Planted> {
  const [root = ''] = dataRoots();
  const home = join(root, sessionId);
  const serversHome = join(serversPart(root, serverUser()), sessionId);
  for (const path of new Set([home, serversHome])) mkdirSync(path);
  const process = spawn('sleep', ['300'], { cwd: serversHome, stdio: 'ignore' });
  await once(process, 'spawn');
  const { pid = 0 } = process;
  // The last: with it the directory is a dead owner's, and whoever starts now removes it.
  if (owner !== undefined) writeFileSync(join(home, 'owner'), owner);
  return {
    things: ['directory', 'servers’ directory', 'process'],
    there: async () => [
      ...(existsSync(home) ? ['directory'] : []),
      ...(existsSync(serversHome) ? ['servers’ directory'] : []),
      ...(processStart(pid) ? ['process'] : []),
    ],
    async [Symbol.asyncDispose]() {
      process.kill('SIGKILL');
      for (const path of [serversHome, home]) await rm(path, { recursive: true, force: true });
    },
  };
}

/** A container and a network. */
async function plantContainer(sessionId: string, owner: string | undefined): Promise<Planted> {
  const Labels = owner === undefined ? {} : { [label.session]: sessionId, [label.owner]: owner };
  const network = await docker.createNetwork({ Name: `pg-cluster-test-${sessionId}`, Labels });
  const container = await docker.createContainer({ Image: 'postgres:17', Labels });
  const all = Object.entries({ container, network });
  return {
    things: all.map(([name]) => name),
    async there() {
      const found = await Promise.allSettled(all.map(([, each]) => each.inspect()));
      return all.flatMap(([name], index) => (found[index]?.status === 'fulfilled' ? [name] : []));
    },
    async [Symbol.asyncDispose]() {
      // With the volume that its image asks for.
      await container.remove({ v: true }).catch(() => {});
      await network.remove().catch(() => {});
    },
  };
}
