import { messageOf, PgClusterError } from '../../../base/errors';
import { clientConfig } from './docker-config-file';
import { contextNames, dockerContext } from './docker-contexts';
import type { SshAddress } from './ssh-address';
import { type Tls, tlsOfEnvironment } from './tls-files';
import { usualSockets } from './usual-sockets';

/** Where an engine is. Plain data, which another process may be told. */
export interface Address {
  /** Its socket, if it has one on this machine. */
  readonly socketPath: string | undefined;
  /** Else the name or IP address of its machine. */
  readonly host: string | undefined;
  /** Where it listens on that machine, */
  readonly port: number | undefined;
  /** and how to talk to it there; undefined: without TLS. */
  readonly tls: Tls | undefined;
  /** Or how to log in on that machine. */
  readonly ssh: SshAddress | undefined;
}

/** Where an engine may be. */
export interface Candidate {
  /** Whose it is, in a word or two: `Colima`. */
  readonly name: string;
  /** For messages: what this address was taken from. */
  readonly where: string;
  /** What a user has to do for this address to be taken, if it is not, or to have an engine there. */
  readonly toUse: string;
  readonly toStart: string;
  /** @throws `ERR_PG_CLUSTER_NO_ENGINE` when the address makes no sense */
  resolve(): Address;
}

/**
 * Where `docker` itself would look: DOCKER_HOST, else the context DOCKER_CONTEXT, else the one that
 * `docker context use` has chosen; else the usual sockets. `advice` is for when nobody answers.
 *
 * @param hosts if there are any, they are the only places
 */
export function candidates(
  env: NodeJS.ProcessEnv,
  hosts: readonly string[] = [],
): { all: readonly Candidate[]; advice: string } {
  if (hosts.length > 0) {
    return {
      all: hosts.map((url) => ofOption(url, env)),
      advice: 'Start one of them, or correct the option dockerHosts.',
    };
  }
  if (env.DOCKER_HOST) {
    const url = env.DOCKER_HOST;
    return {
      all: [
        {
          name: 'DOCKER_HOST',
          where: `DOCKER_HOST=${url}`,
          toUse: `DOCKER_HOST=${url}`,
          toStart: 'correct DOCKER_HOST, or unset it to use this machine’s own engine',
          resolve: () => parse(url, (port) => tlsOfEnvironment(env, port)),
        },
      ],
      advice: 'Correct DOCKER_HOST, or unset it to use this machine’s own engine.',
    };
  }
  const chosen = chosenContext(env);
  if (chosen.name !== undefined && chosen.name !== 'default') {
    const { name, otherwise } = chosen;
    const toStart = `start the engine of that context, or ${otherwise}`;
    return {
      all: [{ ...ofContext(name, env), where: chosen.where, toStart }],
      advice: `Start the engine of that context, ${chosen.otherwise}, or set DOCKER_HOST to where an engine listens.`,
    };
  }
  const usual = ofUsualSockets(env);
  return {
    all: chosen.broken ? [chosen.broken, ...usual] : usual,
    advice:
      'Start Docker (or Podman with its Docker socket), or set DOCKER_HOST to where an engine listens.',
  };
}

/**
 * Where else an engine may be, which `docker` would not use as things are: contexts and usual sockets
 * that {@link candidates} has not.
 */
export function otherCandidates(env: NodeJS.ProcessEnv): readonly Candidate[] {
  const { all } = candidates(env);
  const contexts = contextNames(env).map((name) => ofContext(name, env));
  const known = new Set(all.map(({ name, where }) => `${name} ${where}`));
  const names = new Set(all.map(({ name }) => name));
  return [
    ...contexts.filter(({ name }) => !names.has(name)),
    ...ofUsualSockets(env).filter(({ name, where }) => !known.has(`${name} ${where}`)),
  ];
}

function ofOption(url: string, env: NodeJS.ProcessEnv): Candidate {
  return {
    name: url,
    where: `dockerHosts: ${url}`,
    toUse: 'put it first in the option dockerHosts',
    toStart: 'start the engine there, or take it out of the option dockerHosts',
    resolve: () => parse(url, (port) => tlsOfEnvironment(env, port)),
  };
}

function ofContext(name: string, env: NodeJS.ProcessEnv): Candidate {
  return {
    name: `context ${name}`,
    where: `the context ${name}`,
    toUse: `DOCKER_CONTEXT=${name}, or docker context use ${name}${env.DOCKER_HOST ? ', without DOCKER_HOST' : ''}`,
    toStart: 'start the engine of that context',
    resolve: () => {
      const { host, tls } = dockerContext(name, env);
      return about(host, () => parse(host, () => tls));
    },
  };
}

function ofUsualSockets(env: NodeJS.ProcessEnv): Candidate[] {
  const scheme = process.platform === 'win32' ? 'npipe' : 'unix';
  return usualSockets(env).map(({ name, path, start }) => ({
    name,
    where: path,
    toUse: `DOCKER_HOST=${scheme}://${path}`,
    toStart: start,
    resolve: () => socket(path),
  }));
}

interface ChosenContext {
  readonly name: string | undefined;
  readonly where: string;
  /** What the user could do instead of starting that engine. */
  readonly otherwise: string;
  /** A configuration that cannot be read is reported only if no engine is found. */
  readonly broken?: Candidate;
}

function chosenContext(env: NodeJS.ProcessEnv): ChosenContext {
  if (env.DOCKER_CONTEXT) {
    const name = env.DOCKER_CONTEXT;
    return { name, where: `DOCKER_CONTEXT=${name}`, otherwise: 'correct or unset DOCKER_CONTEXT' };
  }
  const otherwise = 'choose another one (docker context use)';
  try {
    const { currentContext: name, path } = clientConfig(env);
    return { name, where: `the context ${name}, chosen in ${path}`, otherwise };
  } catch (error) {
    const broken = {
      name: 'the chosen context',
      where: 'the chosen context',
      toUse: 'docker context use',
      toStart: 'mend that file, or remove it',
      resolve: () => {
        throw error;
      },
    };
    return { name: undefined, where: '', otherwise, broken };
  }
}

/** Puts the address in front of what went wrong. */
function about(url: string, resolve: () => Address): Address {
  try {
    return resolve();
  } catch (error) {
    throw new PgClusterError('ERR_PG_CLUSTER_NO_ENGINE', `${url}: ${messageOf(error)}`);
  }
}

function parse(url: string, tlsFor: (port: string) => Tls | undefined): Address {
  const [, scheme = 'tcp', rest = ''] = /^(?:(\w+):\/\/)?(.*)$/.exec(url) ?? [];
  if (scheme === 'unix') return socket(rest || '/var/run/docker.sock');
  if (scheme === 'npipe') return socket(rest || '//./pipe/docker_engine');
  const { hostname: host, port, username, password, pathname } = parts(scheme, rest);
  if (scheme === 'ssh') {
    if (password !== '') {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_NO_ENGINE',
        'ssh takes no password from an address; leave it out, and use a key',
      );
    }
    const ssh = {
      host: host.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? undefined : Number(port),
      user: username === '' ? undefined : decodeURIComponent(username),
      socketPath: pathname.length > 1 ? pathname : undefined,
    };
    return { socketPath: undefined, host, port: undefined, tls: undefined, ssh };
  }
  const tls = tlsFor(port) ?? (scheme === 'https' ? noFiles : undefined);
  // Docker's own ports.
  const at = port === '' ? (tls ? 2376 : 2375) : Number(port);
  return { socketPath: undefined, host, port: at, tls, ssh: undefined };
}

const noFiles: Tls = { ca: undefined, cert: undefined, key: undefined, verify: true };

function parts(scheme: string, rest: string): URL {
  if (['tcp', 'http', 'https', 'ssh'].includes(scheme)) {
    try {
      // With http or https, URL would hide the default port.
      const url = new URL(`tcp://${rest}`);
      if (url.hostname !== '') return url;
    } catch {
      // It is treated like none.
    }
  }
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    'this is not the address of an engine; those look like unix:///var/run/docker.sock, tcp://127.0.0.1:2375 or ssh://user@host',
  );
}

function socket(socketPath: string): Address {
  return { socketPath, host: undefined, port: undefined, tls: undefined, ssh: undefined };
}
