import { isIPv4 } from 'node:net';
import type Docker from 'dockerode';
import { type Deadline, formatMs } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import type { Endpoint } from '../../../postgres/endpoint';
import { type NetworkState, openNetwork } from '../../network-state';
import { call } from '../client/api-call';
import { type MakeContainer, runBeside } from '../container/run-beside';
import type { Way } from '../dial/dial';
import { type NodeAddresses, nftRules } from './nft-rules';
import { timeToAnswer } from './time-to-answer';

/** How long a server may take to answer a client; with a slower one nothing can be seen. */
const usualAnswerMs = 300;
/**
 * How long a server that is cut off must stay silent: so long at least, and so many times its usual
 * time.
 */
const noAnswerMs = 100;
const noAnswerFactor = 10;

/** Exits with 127 where there is no nft, and says why it could not be installed. */
const script = `PATH=$PATH:/usr/sbin:/sbin
command -v nft >/dev/null || { cat /pg-cluster/no-tools 2>/dev/null; exit 127; }
printf '%s' "$1" | nft -f -`;

/**
 * Makes packets of one container vanish, by nftables in its own network namespace: its published
 * port stays as it is, and neither end is told. The rules end with the namespace, that is, when the
 * container stops.
 *
 * nft, and not iptables: the legacy one needs one more capability, for its raw socket, and the
 * other one is nft in disguise.
 */
export class PacketFilter {
  readonly #container: Docker.Container;
  readonly #makeContainer: MakeContainer;
  /** Where clients connect. */
  readonly #endpoint: Endpoint;
  /** Where they come from, as the server sees it; undefined: the network's gateway. */
  readonly #clients: string | undefined;
  /** What the rules in force say. */
  #state: NetworkState = openNetwork;
  /** Whether there may be rules of ours. */
  #isUsed = false;

  constructor(o: {
    container: Docker.Container;
    makeContainer: MakeContainer;
    way: Way;
  }) {
    this.#container = o.container;
    this.#makeContainer = o.makeContainer;
    this.#endpoint = o.way.endpoint;
    this.#clients = o.way.from;
  }

  /**
   * Drops exactly these packets from now on.
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED` when clients are to be cut off, but are not
   */
  async set(wanted: NetworkState, deadline: Deadline): Promise<void> {
    const rules = await this.#rulesFor(wanted, deadline);
    const { cut } = wanted;
    if (cut === undefined || cut === 'cluster') await this.#apply(rules, deadline);
    else await this.#applyAndSee(rules, deadline);
    this.#state = wanted;
  }

  /** Drops no packets any more. That costs nothing if none were dropped, as most often. */
  async clear(deadline: Deadline): Promise<void> {
    if (!this.#isUsed) return;
    await this.set(openNetwork, deadline);
    this.#isUsed = false;
  }

  /** The container starts again, without rules. */
  forget(): void {
    this.#state = openNetwork;
    this.#isUsed = false;
  }

  async #rulesFor(wanted: NetworkState, deadline: Deadline): Promise<string> {
    const { cut } = wanted;
    const tellsNodes = cut === 'clients' || cut === 'cluster';
    return nftRules(wanted, tellsNodes ? await this.#otherNodes(deadline) : undefined);
  }

  /** Cuts clients off, and checks that a new client gets no answer. */
  async #applyAndSee(rules: string, deadline: Deadline): Promise<void> {
    const usual = timeToAnswer(this.#endpoint, usualAnswerMs);
    let answer: number | undefined;
    await this.#apply(rules, deadline, async (exitCode) => {
      const usualMs = await usual;
      // A server that is frozen or cut off already does not answer anyway.
      if (exitCode !== 0 || usualMs === undefined) return;
      const limitMs = Math.max(noAnswerMs, noAnswerFactor * usualMs);
      answer = await timeToAnswer(this.#endpoint, limitMs);
    });
    if (answer === undefined) return;
    await this.#apply(await this.#rulesFor(this.#state, deadline), deadline);
    const { host, port } = this.#endpoint;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_UNSUPPORTED',
      `clients cannot be cut off: all packets from and to the container were dropped in its network namespace, but at ${host}:${port} a client still got an answer, after ${formatMs(answer)}, so this engine publishes ports by another way. The cut was undone. To have clients hang, pause() the node; disconnect({ from: 'cluster' }) cuts it off from the other nodes`,
    );
  }

  async #otherNodes(deadline: Deadline): Promise<NodeAddresses> {
    const { NetworkSettings } = await call(deadline, 'look at the network', (abortSignal) =>
      this.#container.inspect({ abortSignal }),
    );
    const [network] = Object.values(NetworkSettings.Networks);
    const clients = this.#clients ?? network?.Gateway;
    if (network && clients !== undefined && isIPv4(clients) && isIPv4(network.IPAddress)) {
      return { clients, subnet: `${network.IPAddress}/${network.IPPrefixLen}` };
    }
    throw new PgClusterError(
      'ERR_PG_CLUSTER_UNSUPPORTED',
      `the Docker engine does not say which gateway and addresses the cluster's network has, so packets of clients cannot be told from those of nodes; disconnect from 'all'`,
    );
  }

  /** Applies rules in one transaction; they are in force when the kernel has said yes. */
  async #apply(
    rules: string,
    deadline: Deadline,
    onEnd?: (exitCode: number) => Promise<void>,
  ): Promise<void> {
    this.#isUsed = true;
    const { exitCode, output } = await runBeside(
      this.#container,
      {
        makeContainer: this.#makeContainer,
        command: ['sh', '-c', script, 'sh', rules],
        what: 'change the packet filter',
        onEnd,
      },
      deadline,
    );
    if (exitCode === 0) return;
    if (exitCode === 127) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_UNSUPPORTED',
        `packets cannot be dropped: the image has no nft, and it could not be installed while our images were built${output === '' ? '' : ` (${output})`}. Give an \`image\` that has the package nftables, or remove the images jest-environment-pg-cluster/* and let them be built again with access to the distribution's packages`,
      );
    }
    const isRefused = /operation not (supported|permitted)|protocol not supported/i.test(output);
    throw new PgClusterError(
      isRefused ? 'ERR_PG_CLUSTER_UNSUPPORTED' : 'ERR_PG_CLUSTER_ENGINE',
      isRefused
        ? `packets cannot be dropped: the kernel under the Docker engine takes no nftables rules from a container with NET_ADMIN: ${output}`
        : `could not change the packet filter: nft ended with ${exitCode}: ${output}`,
    );
  }
}
