import type Docker from 'dockerode';
import type { Deadline } from '../../base/deadline';
import { processOf } from '../../cleanup/owner';
import type { OtherNode } from '../engine';
import { call } from './client/api-call';
import { label } from './image/labels';

/** A node of another cluster whose clients connect to one of the ports. */
export async function nodeOn(
  docker: Docker,
  ports: readonly number[],
  ownSets: readonly string[],
  deadline: Deadline,
): Promise<OtherNode | undefined> {
  const containers = await call(deadline, 'list containers', (abortSignal) =>
    docker.listContainers({ filters: { label: [label.node] }, abortSignal }),
  );
  const found = containers.find(
    ({ Labels }) =>
      !ownSets.includes(Labels[label.cluster] ?? '') &&
      ports.includes(Number(Labels[label.clientPort])),
  );
  return (
    found && {
      name: found.Labels[label.node] ?? '',
      process: processOf(found.Labels[label.owner] ?? ''),
    }
  );
}
