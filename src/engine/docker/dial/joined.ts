import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { note } from '../../../base/step-times';
import { call, unlessGone } from '../client/api-call';
import type { OwnContainer } from '../client/own-container';
import { type ClustersNetwork, type Dial, serverPort } from './dial';

/**
 * To the servers' own addresses, on the cluster's network, which the container of this process joins.
 * It leaves it when the network is removed, whoever does that: see session-leftovers.ts.
 *
 * @param otherwise a way that needs no network, for when it cannot join
 */
export function joined(docker: Docker, own: OwnContainer, otherwise: Dial): Dial {
  const container = own.networkOf.slice(0, 12);
  /** Undefined if it could not. */
  let joining: Promise<string | undefined> | undefined;
  return {
    how: `at their own addresses, on the cluster’s network, which container ${container}, in which this process runs, joins; if it cannot, ${otherwise.how}`,
    publishOn: undefined,

    async enter(network, deadline) {
      joining ??= join(docker, own, network, deadline).catch((error: unknown) => {
        if (!(error instanceof CannotJoin)) throw error;
        note(
          `container ${container}, in which this process runs, cannot join the cluster’s network: ${error.message}. Servers are reached ${otherwise.how}`,
        );
        return undefined;
      });
      await joining;
    },

    async open(to, deadline) {
      const from = await joining;
      if (from === undefined) return otherwise.open(to, deadline);
      const { name, address } = to;
      if (address === undefined) {
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

class CannotJoin extends Error {}

/**
 * Resolves to the address that this process has there.
 *
 * @throws CannotJoin that says why
 */
async function join(
  docker: Docker,
  own: OwnContainer,
  { name, ownAddress }: ClustersNetwork,
  deadline: Deadline,
): Promise<string> {
  if (ownAddress === undefined) throw new CannotJoin('it has no room for addresses');
  const network = docker.getNetwork(name);
  // No aliases. A gateway of lowest priority, where engines know that: the way to all else stays
  // as it is.
  const EndpointConfig = { IPAMConfig: { IPv4Address: ownAddress }, GwPriority: -1 };
  try {
    await call(deadline, `join network ${name}`, () =>
      network.connect({ Container: own.networkOf, EndpointConfig }),
    );
  } catch (error) {
    if (error instanceof PgClusterError && error.code === 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    throw new CannotJoin(messageOf(error));
  }
  const here = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  if (here.some(({ address }) => address === ownAddress)) return ownAddress;
  // It stood for ours, and is another one.
  await unlessGone(
    call(deadline, `leave network ${name}`, () => network.disconnect({ Container: own.networkOf })),
  );
  throw new CannotJoin(`it got the address ${ownAddress} there, but this process has not got it`);
}
