import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { call } from '../client/api-call';
import type { OwnContainer } from '../client/own-container';
import { type ClustersNetwork, type Dial, serverPort } from './dial';
import { howToReach } from './how-to-reach';

/**
 * To the servers' own addresses, on the cluster's network, which the container of this process joins.
 * It leaves it when the network is removed, whoever does that: see session-leftovers.ts.
 */
export function joined(docker: Docker, own: OwnContainer): Dial {
  let joining: Promise<string> | undefined;
  return {
    how: `at their own addresses, on the cluster’s network, which container ${own.networkOf.slice(0, 12)}, in which this process runs, joins`,
    publishOn: undefined,

    async enter(network, deadline) {
      joining ??= join(docker, own, network, deadline);
      await joining;
    },

    async open({ name, address }) {
      const from = await joining;
      if (address === undefined || from === undefined) {
        throw new PgClusterError(
          'ERR_PG_CLUSTER_ENGINE',
          `there is no address for ${name}: the addresses of the cluster’s network are used up. Each node that is added takes one; reset() does not give them back, a new cluster has all of them again`,
        );
      }
      return {
        endpoint: { host: address, port: serverPort },
        from,
        close: async () => {},
      };
    },
  };
}

/** Resolves to the address that this process has there. */
async function join(
  docker: Docker,
  own: OwnContainer,
  { name, ownAddress }: ClustersNetwork,
  deadline: Deadline,
): Promise<string> {
  if (ownAddress === undefined) throw cannot(own, 'its network has no room for addresses');
  // No aliases. A gateway of lowest priority, where engines know that: the way to all else stays
  // as it is.
  const EndpointConfig = { IPAMConfig: { IPv4Address: ownAddress }, GwPriority: -1 };
  try {
    await call(deadline, `join network ${name}`, () =>
      docker.getNetwork(name).connect({ Container: own.networkOf, EndpointConfig }),
    );
  } catch (error) {
    if (error instanceof PgClusterError && error.code === 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    throw cannot(own, messageOf(error));
  }
  const here = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  if (here.some(({ address }) => address === ownAddress)) return ownAddress;
  throw cannot(own, `it got the address ${ownAddress} there, but this process has not got it`);
}

function cannot(own: OwnContainer, why: string): PgClusterError {
  return new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `this process runs in a container of that Docker engine (${own.networkOf.slice(0, 12)}), which cannot join the cluster’s network: ${why}. Else ${howToReach}`,
  );
}
