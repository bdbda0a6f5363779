import type { Realm } from '../base/realm';
import { boolean, wholeNumber } from '../base/value-rules';
import type { Cluster } from '../cluster/cluster';
import type { MovingEndpoint } from '../cluster/endpoints/moving-endpoint';
import { follow, pointTo } from '../cluster/faults/endpoint-faults';
import type { Node } from '../cluster/node/node';
import { urlOfEndpoints } from '../cluster/ways-in';
import { withMethods } from './arguments';
import { anything, options, rest } from './parameters';
import type { PgEndpoint } from './pg-endpoint';
import type { PgNode } from './pg-node';

const hourMs = 3_600_000;

/** What tests get to see of an endpoint that moves. */
export function endpointHandle(
  cluster: Cluster,
  endpoint: MovingEndpoint,
  realm: Realm,
  { wrap, unwrap }: { wrap: (node: Node) => PgNode; unwrap: (handle: PgNode | string) => Node },
): PgEndpoint {
  const { host, port } = endpoint.endpoint;
  const properties = {
    url: urlOfEndpoints(cluster, [endpoint.endpoint]),
    host,
    port,
    get targets() {
      return Object.freeze(endpoint.targets.map(wrap));
    },
  };
  const handle = withMethods<PgEndpoint>(properties, {
    follow: {
      takes: [options({ delayMs: wholeNumber(0, hourMs), keepSessions: boolean })],
      does: async (o) => follow(cluster, endpoint, o),
    },
    pointTo: {
      takes: [rest('a node', anything)],
      does: async (...nodes) => pointTo(cluster, endpoint, nodes.map(unwrap)),
    },
  });
  return realm.handle(handle);
}
