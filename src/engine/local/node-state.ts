import { existsSync } from 'node:fs';
import type { Deadline } from '../../base/deadline';
import type { EngineNodeState } from '../engine-node';
import type { DataBounds } from './directories/data-bounds';
import type { Server } from './server/server';
import { isStopped } from './system/process-table';

/** What is seen now of a node's server, whoever has changed it. */
export async function nodeState(
  server: Server,
  { home, bounds }: { home: string; bounds: DataBounds },
  deadline: Deadline,
): Promise<EngineNodeState> {
  await server.noticeEnd(deadline);
  const { pid, startedAt } = server;
  // Its sessions end before it does.
  const atLimit = bounds.whyEnded(home);
  const detail = [server.detail, ...(atLimit === undefined ? [] : [atLimit])].join(': ');
  if (pid !== undefined) {
    return (await isStopped(pid, deadline))
      ? { state: 'paused', detail: 'its server is paused', startedAt, atLimit }
      : { state: 'running', detail, startedAt, atLimit };
  }
  return existsSync(home)
    ? { state: 'stopped', detail, startedAt, atLimit }
    : { state: 'gone', detail: 'its directory was removed', startedAt };
}
