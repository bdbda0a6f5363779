import type { CutFrom, NetworkState } from '../../network-state';
import { serverPort } from '../dial/dial';

const table = 'inet pgcluster_cut';

/** Where the other nodes are: all addresses of the network but the one that clients come from. */
export interface NodeAddresses {
  readonly clients: string;
  readonly subnet: string;
}

/**
 * A transaction for nft, after which exactly these packets are dropped in a node's network namespace.
 * @param nodes needed to tell clients and nodes apart, if one of them is cut off
 */
export function nftRules({ cut }: NetworkState, nodes: NodeAddresses | undefined): string {
  // Made first, as deleting what is not there would be an error.
  const nothing = `table ${table}\ndelete table ${table}\n`;
  return cut === undefined ? nothing : `${nothing}${rulesToCut(cut, nodes)}`;
}

/** Drops all packets between the node and `from`, in both directions. */
function rulesToCut(from: CutFrom, nodes: NodeAddresses | undefined): string {
  const chain = (hook: 'input' | 'output') => {
    const [link, end, own] =
      hook === 'input' ? ['iif', 'saddr', 'dport'] : ['oif', 'daddr', 'sport'];
    const isNode = nodes && `ip ${end} != ${nodes.clients} ip ${end} ${nodes.subnet}`;
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
  return `table ${table} {\n${chain('input')}\n${chain('output')}\n}\n`;
}
