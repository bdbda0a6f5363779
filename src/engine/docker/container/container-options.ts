import type Docker from 'dockerode';
import type { NodeSpec } from '../../engine';
import { type Dial, serverPort } from '../dial/dial';
import type { ClusterImages } from '../image/template-images';

/** Where a container is. */
export interface Place {
  readonly network: string;
  /** Its address there, if the engine is to be told. */
  readonly address: { readonly ip: string; readonly mac: string } | undefined;
}

/** How a node's container is made. */
export function containerOptions(o: {
  spec: NodeSpec;
  dial: Dial;
  images: ClusterImages;
  mounts: Docker.MountSettings[];
  /** Whether the server is started by a command later, not with the container. */
  awaitsStart: boolean;
  place: Place;
  /** Lines for /etc/hosts, if nodes are not found by DNS alone. */
  hosts: string[] | undefined;
  name: string;
  labels: Record<string, string>;
}): Docker.ContainerCreateOptions {
  const server = serverOptions({ dial: o.dial, port: o.spec.port, volumes: o.images.volumes });
  return {
    ...server,
    name: o.name,
    Image: o.images[o.spec.role],
    Hostname: o.spec.name,
    Labels: o.labels,
    // No passwords: the engine shows the environment to everybody who asks.
    Env: [
      `PG_CLUSTER_CONF=${o.spec.conf()}`,
      `PG_CLUSTER_CLONE=${o.spec.clone ? '1' : ''}`,
      `PG_CLUSTER_ROLE=${o.spec.role}`,
      `PG_CLUSTER_AWAITS_START=${o.awaitsStart ? '1' : ''}`,
    ],
    // Where start-node.sh takes commands.
    OpenStdin: true,
    NetworkingConfig: networkingConfig(o.place, [o.spec.name]),
    HostConfig: {
      ...server.HostConfig,
      NetworkMode: o.place.network,
      // With `ndots` set, the engine's DNS does not ask others for names without a dot. Otherwise a
      // slave would wait ten seconds and more for the name of a node that is down. Nobody waits
      // long for a DNS that does not answer: a slave asks again by itself.
      DnsOptions: ['ndots:1', 'timeout:1', 'attempts:1'],
      DnsSearch: ['.'],
      ...(o.hosts && { ExtraHosts: o.hosts }),
      Mounts: o.mounts,
    },
  };
}

/** @param aliases the names that others find it by */
export function networkingConfig(
  { network, address }: Place,
  aliases: string[],
): Docker.ContainerCreateOptions['NetworkingConfig'] {
  const given = address && {
    IPAMConfig: { IPv4Address: address.ip },
    MacAddress: address.mac,
  };
  return { EndpointsConfig: { [network]: { Aliases: aliases, ...given } } };
}

/** What every container of ours with a server in it has. */
export function serverOptions(o: {
  dial: Dial;
  port: number;
  volumes: readonly string[];
}): Docker.ContainerCreateOptions {
  const port = `${serverPort}/tcp`;
  const { publishOn, picksPorts } = o.dial;
  return {
    ExposedPorts: { [port]: {} },
    HostConfig: {
      // A port that the engine picks changes at every start of the container.
      ...(publishOn !== undefined && {
        PortBindings: {
          [port]: [{ HostIp: publishOn, HostPort: picksPorts ? '' : String(o.port) }],
        },
      }),
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'json-file', Config: {} },
      ShmSize: 256 * 1024 * 1024,
      // The base image's volumes are of no use here. Unless something else is mounted there, the
      // engine would make a volume for each, which takes time and can be left behind.
      Tmpfs: Object.fromEntries(o.volumes.map((path) => [path, 'size=1m'])),
    },
  };
}
