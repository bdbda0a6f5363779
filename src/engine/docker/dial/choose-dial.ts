import type Docker from 'dockerode';
import type { OwnContainer } from '../client/own-container';
import type { Dial } from './dial';
import { howToReach } from './how-to-reach';
import { joined } from './joined';
import { published } from './published';

/** How servers are reached from here, or why they cannot be. */
export type Choice =
  | { readonly dial: Dial; readonly problem?: undefined }
  | { readonly dial?: undefined; readonly problem: string };

/**
 * Where the option `publishOn` says; else, from a container of that very engine, on the cluster's own
 * network; else on loopback. A container that has the network of the engine's machine has its loopback.
 */
export function chooseDial(
  docker: Docker,
  { publishOn, own }: { publishOn: string | undefined; own: OwnContainer | undefined },
): Choice {
  if (publishOn !== undefined) return { dial: published(publishOn) };
  if (own === undefined || own.networkMode === 'host') return { dial: published('127.0.0.1') };
  if (own.networkMode !== 'none') return { dial: joined(docker, own) };
  return {
    problem: `this process runs in a container of that Docker engine that has no network (--network none), and which the engine lets join none; give it one, or ${howToReach}`,
  };
}
