import { isIPv4 } from 'node:net';
import { PgClusterError } from '../../../base/errors';
import type { CutFrom, NetworkState, Peer } from '../../network-state';
import { serverPort } from '../container/container-options';

const table = { cut: 'inet pgcluster_cut', silenced: 'inet pgcluster_silenced' } as const;

/**
 * Where the other nodes are: all addresses of the network but the gateway's, from which clients
 * come.
 */
export interface NodeAddresses {
  readonly gateway: string;
  readonly subnet: string;
}

/**
 * A transaction for nft, after which exactly these packets are dropped in a node's network namespace.
 * @param nodes needed to tell clients and nodes apart, if one of them is cut off
 */
export function nftRules(
  { cut, silenced }: NetworkState,
  nodes: NodeAddresses | undefined,
): string {
  const cutRules = cut === undefined ? '' : rulesToCut(cut, nodes);
  const silenceRules = silenced.length === 0 ? '' : rulesToSilence(silenced);
  return `${without(table.cut)}${cutRules}${without(table.silenced)}${silenceRules}`;
}

/** Drops all packets between the node and `from`, in both directions. */
function rulesToCut(from: CutFrom, nodes: NodeAddresses | undefined): string {
  const chain = (hook: 'input' | 'output') => {
    const [link, end, own] =
      hook === 'input' ? ['iif', 'saddr', 'dport'] : ['oif', 'daddr', 'sport'];
    const isNode = nodes && `ip ${end} != ${nodes.gateway} ip ${end} ${nodes.subnet}`;
    const rules = {
      all: 'drop',
      cluster: `${isNode} drop`,
      clients: `${isNode} accept; drop`,
    };
    // Loopback stays: the server asks the engine's DNS over it. But where an engine without root
    // publishes ports, clients come that way, too.
    const clients = from === 'cluster' ? '' : `${link} lo tcp ${own} ${serverPort} drop;`;
    return `chain ${hook} { type filter hook ${hook} priority -10; ${clients} ${link} lo accept; ${rules[from]}; }`;
  };
  return `table ${table.cut} {\n${chain('input')}\n${chain('output')}\n}\n`;
}

/**
 * Drops the packets of exactly these connections. What the server still sends to them is answered,
 * over loopback, with a reset: its end is gone at once, as after a crash, and the server does not
 * retry for a minute. The other end hears nothing.
 */
function rulesToSilence(peers: readonly Peer[]): string {
  const elements = peers.map(({ address, port }) => {
    if (isIPv4(address) && Number.isInteger(port)) return `${address} . ${port}`;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_UNSUPPORTED',
      `a connection from ${address}, port ${port}, cannot be silenced: only those over IPv4 can`,
    );
  });
  return `table ${table.silenced} {
set peers { type ipv4_addr . inet_service; elements = { ${[...new Set(elements)].join(', ')} }; }
chain input {
type filter hook input priority -10;
iif lo tcp flags & rst == rst accept
tcp dport ${serverPort} ip saddr . tcp sport @peers drop
}
chain output {
type filter hook output priority -10;
tcp sport ${serverPort} ip daddr . tcp dport @peers reject with tcp reset
}
}
`;
}

/** Deletes a table; made first, as deleting what is not there would be an error. */
function without(name: string): string {
  return `table ${name}\ndelete table ${name}\n`;
}
