import type Docker from 'dockerode';
import type { Deadline } from '../../base/deadline';
import { processOf } from '../../cleanup/owner';
import type { OtherNode } from '../engine';
import { call } from './client/api-call';
import { label } from './image/labels';

/** A node of another cluster that is published on one of the ports. */
export async function nodeOn(
  docker: Docker,
  ports: readonly number[],
  ownCluster: string,
  deadline: Deadline,
): Promise<OtherNode | undefined> {
  const containers = await call(deadline, 'list containers', (abortSignal) =>
    docker.listContainers({ filters: { label: [label.node] }, abortSignal }),
  );
  const found = containers.find(
    ({ Labels, Ports }) =>
      Labels[label.cluster] !== ownCluster &&
      Ports.some(({ PublicPort }) => ports.includes(PublicPort)),
  );
  return (
    found && {
      name: found.Labels[label.node] ?? '',
      process: processOf(found.Labels[label.owner] ?? ''),
    }
  );
}
