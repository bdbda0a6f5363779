import { lookup } from 'node:dns/promises';
import type Docker from 'dockerode';
import { type Deadline, within } from '../../../base/deadline';
import { messageOf } from '../../../base/errors';
import type { Address } from '../client/engine-addresses';
import { isThisMachine } from '../client/is-this-machine';
import type { OwnContainer } from '../client/own-container';
import { canShareSsh, SshConnection } from '../client/ssh-connection';
import type { Dial } from './dial';
import { joined } from './joined';
import { published } from './published';
import { throughApi } from './through-api';
import { throughSsh } from './through-ssh';

/** How servers are reached from here, or why they cannot be. */
export type Choice =
  | { readonly dial: Dial; readonly problem?: undefined }
  | { readonly dial?: undefined; readonly problem: string };

/**
 * Where the option `publishOn` says; else, from a container of that very engine, on the cluster's own
 * network, or through the API where it cannot be joined, or on the loopback of the engine's machine,
 * if the container has its network; else as the engine's address allows.
 */
export async function chooseDial(
  docker: Docker,
  o: {
    publishOn: string | undefined;
    own: OwnContainer | undefined;
    engine: Address;
    deadline: Deadline;
  },
): Promise<Choice> {
  const { publishOn, own } = o;
  if (publishOn !== undefined) return publishedAt(publishOn, o.deadline);
  if (own === undefined) return { dial: await from(o.engine, o.deadline) };
  if (own.networkMode === 'host') return { dial: published('127.0.0.1') };
  // The engine lets a container without a network join none.
  if (own.networkMode === 'none') return { dial: throughApi(o.engine) };
  return { dial: joined(docker, own, throughApi(o.engine)) };
}

/** An engine publishes on addresses alone, so a name is looked up here. */
async function publishedAt(name: string, deadline: Deadline): Promise<Choice> {
  try {
    const found = await within(deadline, `the address of ${name}`, () =>
      lookup(name, { family: 4 }),
    );
    return { dial: published(found.address) };
  } catch (error) {
    return {
      problem: `the option publishOn names ${name}, which has no IPv4 address that is known here: ${messageOf(error)}`,
    };
  }
}

/** From outside of the engine. */
async function from(engine: Address, deadline: Deadline): Promise<Dial> {
  const { ssh, host } = engine;
  if (ssh) return canShareSsh ? throughSsh(SshConnection.to(ssh)) : throughApi(engine);
  if (host === undefined || (await isThisMachine(host, deadline))) return published('127.0.0.1');
  return throughApi(engine);
}
