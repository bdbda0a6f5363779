import type { Session } from '../../../cleanup/session';

const prefix = 'jest-environment-pg-cluster';

/** On every container, network and image of ours, so that a clean-up finds them and no others. */
export const label = {
  session: `${prefix}.session`,
  owner: `${prefix}.owner`,
  /** The owner's container, if it is one of the same engine, and when it was last started. */
  ownersContainer: `${prefix}.owners-container`,
  cluster: `${prefix}.cluster`,
  node: `${prefix}.node`,
  /** The port on this machine where clients connect. */
  clientPort: `${prefix}.client-port`,
  /** On images: the hash of everything that went in. */
  template: `${prefix}.template`,
  /** On images: the id of the image that they are built on, which is not ours. */
  baseImage: `${prefix}.base-image`,
  /** On a slave's image: the id of the master's image that it was built on. */
  masterImage: `${prefix}.master-image`,
} as const;

/** Where built images live. */
export const repository = prefix;

/** @param ownersContainer as `noteOf` has it, if this process runs in a container of the engine */
export function clusterLabels(
  session: Session,
  clusterId: string,
  ownersContainer?: string,
): Record<string, string> {
  return {
    [label.session]: session.id,
    [label.owner]: session.owner,
    ...(ownersContainer !== undefined && { [label.ownersContainer]: ownersContainer }),
    [label.cluster]: clusterId,
  };
}
