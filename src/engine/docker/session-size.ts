import type Docker from 'dockerode';
import type { Deadline } from '../../base/deadline';
import { call } from './client/api-call';
import { label } from './image/labels';

/** An engine may have to count for long what it stores; without a size, one can remove as well. */
const countMs = 20_000;

interface Volume {
  readonly Name: string;
  /** Its size is -1, or nothing is there, if the engine does not know it. */
  readonly UsageData?: { readonly Size: number } | null;
}

/**
 * How many bytes a session takes: what its containers have written, and their volumes. Undefined if
 * the engine cannot tell it, or not in time.
 */
export async function sizeOfSession(
  docker: Docker,
  sessionId: string,
  deadline: Deadline,
): Promise<number | undefined> {
  const soon = deadline.atMost(countMs);
  try {
    return await count(docker, sessionId, soon);
  } catch {
    return undefined;
  }
}

async function count(docker: Docker, sessionId: string, deadline: Deadline): Promise<number> {
  const filters = { label: [`${label.session}=${sessionId}`] };
  const [containers, { Volumes }] = await Promise.all([
    call(deadline, 'tell the sizes of containers', (abortSignal) =>
      docker.listContainers({ all: true, size: true, filters, abortSignal }),
    ),
    call(deadline, 'list volumes', (abortSignal) => docker.listVolumes({ filters, abortSignal })),
  ]);
  // Left out where it is 0. The types do not know it.
  const written = containers.map((one) => (one as { SizeRw?: number }).SizeRw ?? 0);
  const volumes = await sizesOfVolumes(docker, (Volumes ?? []) as readonly Volume[], deadline);
  return [...written, ...volumes].reduce((sum, bytes) => sum + bytes, 0);
}

/** Only the count of all that an engine stores has them, which takes its time. */
async function sizesOfVolumes(
  docker: Docker,
  ours: readonly Volume[],
  deadline: Deadline,
): Promise<number[]> {
  if (ours.length === 0) return [];
  // dockerode takes options here, its types do not know it.
  const count = docker.df.bind(docker) as (o: {
    abortSignal: AbortSignal;
  }) => Promise<{ Volumes: readonly Volume[] | null }>;
  const { Volumes } = await call(deadline, 'tell the sizes of volumes', (abortSignal) =>
    count({ abortSignal }),
  );
  const names = new Set(ours.map(({ Name }) => Name));
  return (Volumes ?? [])
    .filter(({ Name }) => names.has(Name))
    .map(({ UsageData }) => Math.max(0, UsageData?.Size ?? 0));
}
