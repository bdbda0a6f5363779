import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { isInContainer } from '../../../base/machine/in-container';
import type { Endpoint } from '../../../postgres/endpoint';
import { exec } from '../container/exec';
import { serverPort } from '../dial/dial';
import { howToReach } from '../dial/how-to-reach';

const bootId = '/proc/sys/kernel/random/boot_id';
/** An engine in a virtual machine may forward a port long after a server listens there. */
const forwardingMs = 20_000;

/**
 * Why this process cannot reach the server of a running container. Undefined if the server does not
 * listen yet, or if the engine may still be about to forward its port.
 *
 * A server that listens refuses nobody. If connections to its published port are refused, and the
 * engine's kernel is ours, then this process is on another network than the engine.
 */
export async function whyUnreachable(
  o: {
    readonly name: string;
    readonly container: Docker.Container;
    readonly endpoint: Endpoint;
    /** How long connections have been refused. */
    readonly refusedMs: number;
  },
  deadline: Deadline,
): Promise<string | undefined> {
  const { name, endpoint, refusedMs } = o;
  const { exitCode, output } = await exec(
    o.container,
    {
      // Without IPv6 the second file does not exist.
      command: ['sh', '-c', `cat ${bootId} /proc/net/tcp && (cat /proc/net/tcp6 2>/dev/null || :)`],
      what: `see whether ${name} listens`,
    },
    deadline,
  );
  if (exitCode !== 0 || !listens(output)) return undefined;
  const isOurKernel = output.split('\n', 1)[0]?.trim() === ourBootId();
  if (!isOurKernel && refusedMs < forwardingMs) return undefined;
  return explanation(name, endpoint);
}

/**
 * Whether /proc/net/tcp (proc(5)) has a socket that listens on the server's port, not on loopback
 * alone.
 */
export function listens(table: string): boolean {
  const port = serverPort.toString(16).toUpperCase().padStart(4, '0');
  return [...table.matchAll(/^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ 0A /gm)].some(
    ([, address, at]) => at === port && !/^(0100007F|0{24}01000000)$/.test(address ?? ''),
  );
}

function ourBootId(): string | undefined {
  try {
    return readFileSync(bootId, 'latin1').trim();
  } catch {
    return undefined;
  }
}

function explanation(name: string, { host, port }: Endpoint): string {
  const here = isInContainer() ? 'a container' : 'a container or a network namespace';
  const published = host.startsWith('127.') ? 'the loopback address of the engine’s machine' : host;
  return [
    `${name} accepts connections in its container, but ${host}:${port}, where the engine publishes it, refuses them here.`,
    `This process seems to run in ${here} of its own: the port is on ${published}, which is not this process’s ${host}.`,
    `${howToReach[0]?.toUpperCase()}${howToReach.slice(1)}`,
  ].join(' ');
}
