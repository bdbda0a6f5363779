import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { Deadline, within } from '../../deadline';
import { codeOf, messageOf, PgClusterError } from '../../errors';
import { homeDirectory, userId, userName } from '../../this-user';
import { quietAgent } from './agent';

export interface DockerConnection {
  /** For requests that answer soon. */
  readonly docker: Docker;
  /** Where the engine is, for messages. */
  readonly where: string;
}

/**
 * Finds the Docker engine: where DOCKER_HOST says, else at the first of the usual sockets that
 * answers.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE`, within seconds, with what was tried and what came of it.
 */
export async function connectDocker(
  o: { answerMs?: number; env?: NodeJS.ProcessEnv; onThisMachine?: boolean } = {},
): Promise<DockerConnection> {
  const { answerMs = 5000, env = process.env, onThisMachine = false } = o;
  const tried: string[] = [];
  const candidates = env.DOCKER_HOST
    ? [{ where: `DOCKER_HOST=${env.DOCKER_HOST}`, socketPath: undefined }]
    : usualSockets(env).map((socketPath) => ({ where: socketPath, socketPath }));

  for (const { where, socketPath } of candidates) {
    try {
      // With no socketPath, dockerode reads DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.
      const isLocal = socketPath !== undefined || /^unix:/.test(env.DOCKER_HOST ?? '');
      const agent = isLocal ? { agent: quietAgent() } : {};
      const docker = new Docker({ ...(socketPath !== undefined && { socketPath }), ...agent });
      if (onThisMachine) refuseOtherMachines(env, where);
      // dockerode takes options here, its types do not know it.
      const ping = docker.ping.bind(docker) as (o: {
        abortSignal: AbortSignal;
      }) => Promise<unknown>;
      await within(Deadline.in(answerMs), 'an answer to a ping', (abortSignal) =>
        ping({ abortSignal }),
      );
      return { docker, where };
    } catch (error) {
      const socket = socketPath ?? env.DOCKER_HOST?.replace(/^unix:\/\//, '');
      tried.push(`  - ${where}: ${await explain(error, socket, answerMs)}`);
    }
  }
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `no Docker engine answers. Tried:\n${tried.join('\n')}\n${
      env.DOCKER_HOST
        ? 'Correct DOCKER_HOST, or unset it to use this machine’s own engine.'
        : 'Start Docker (or Podman with its Docker socket), or set DOCKER_HOST to where an engine listens.'
    }`,
  );
}

function usualSockets(env: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'win32') return ['//./pipe/docker_engine'];
  const home = homeDirectory();
  const runtime = env.XDG_RUNTIME_DIR ?? `/run/user/${userId()}`;
  return [
    '/var/run/docker.sock',
    join(runtime, 'docker.sock'),
    ...(home === undefined ? [] : [join(home, '.docker', 'run', 'docker.sock')]),
    ...(home === undefined ? [] : [join(home, '.colima', 'default', 'docker.sock')]),
    join(runtime, 'podman', 'podman.sock'),
  ];
}

/** Nodes listen on the loopback address of the engine's machine, so it has to be this one. */
function refuseOtherMachines(env: NodeJS.ProcessEnv, where: string): void {
  const host = env.DOCKER_HOST;
  if (host === undefined || host === '' || /^(unix|npipe):/.test(host)) return;
  const name = host
    .replace(/^\w+:\/\//, '')
    .replace(/^.*@/, '')
    .replace(/[/:][^\]]*$/, '');
  if (['localhost', '127.0.0.1', '[::1]'].includes(name)) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `${where} is another machine: nodes listen on its loopback address, where tests on this machine cannot reach them, unless the option publishOn gives another address of that machine`,
  );
}

async function explain(
  error: unknown,
  socketPath: string | undefined,
  answerMs: number,
): Promise<string> {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such socket';
    case 'EACCES':
    case 'EPERM':
      return `permission denied for user ${userName() ?? userId()}; ${await advice(socketPath)}`;
    case 'ECONNREFUSED':
      return 'connection refused: nothing listens there';
    case 'ERR_PG_CLUSTER_TIMEOUT':
      return `something accepts connections, but did not answer a ping within ${answerMs / 1000} s`;
    default:
      return /authentication methods failed/i.test(messageOf(error))
        ? `${messageOf(error)}; for ssh, keys are taken from the SSH agent alone: ssh-add the one that leads there, and see that SSH_AUTH_SOCK is set`
        : messageOf(error);
  }
}

async function advice(socketPath = '/var/run/docker.sock'): Promise<string> {
  try {
    await access(socketPath, constants.W_OK);
    return 'the engine itself refused';
  } catch {
    const owner = await stat(socketPath).then(
      ({ uid, gid }) => ` (the socket belongs to user ${uid}, group ${gid})`,
      () => '',
    );
    return `add the user to the group that owns the socket (often: sudo usermod -aG docker $USER, then log in again), or use rootless Docker${owner}`;
  }
}
