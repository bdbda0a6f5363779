import { formatMs } from '../base/deadline';
import type { ClusterStatus, NodeStatus } from '../cluster/replication/status';
import type { PgCluster } from '../handle/pg-cluster';
import { grid } from './grid';

/** The nodes with what they are like now, and the endpoints, a line each. */
export function statusTable(status: ClusterStatus, handle: PgCluster): string {
  const urls = new Map(handle.nodes.map(({ name, url }) => [name, url]));
  const isSeen = seesStreams(status);
  const rows = status.nodes.map((node) => [
    node.name,
    node.role,
    stateOf(node, isSeen),
    node.lsn ?? '',
    lagOf(node),
    node.timelineId === null ? '' : String(node.timelineId),
    urls.get(node.name) ?? '',
  ]);
  return grid(
    ['NODE', 'ROLE', 'STATE', 'LSN', 'LAG', 'TIMELINE', 'URL'],
    [...rows, ...endpointRows(handle)],
  );
}

/** Slaves are seen to stream where the WAL comes from. */
export function seesStreams({ nodes }: ClusterStatus): boolean {
  return nodes.some(({ role, answers }) => role === 'master' && answers);
}

function stateOf(
  { role, state, answers, streaming, replayPaused }: NodeStatus,
  isSeen: boolean,
): string {
  if (state !== 'running') return state;
  const more = [
    !answers && 'does not answer',
    role === 'slave' && (streaming ? 'streams' : isSeen && 'does not stream'),
    replayPaused && 'replay paused',
  ].filter((word) => word !== false && word !== null);
  return [state, ...more].join(', ');
}

function lagOf({ lagBytes, lagMs }: NodeStatus): string {
  if (lagBytes === null) return '';
  return `${lagBytes} B${lagMs ? `, ${formatMs(lagMs)}` : ''}`;
}

/** None without a wire. */
function endpointRows(handle: PgCluster): string[][] {
  try {
    return (['writer', 'reader'] as const).map((name) => {
      const { targets, url } = handle[name];
      const names = targets.map((node) => node.name).join(', ');
      return [
        name,
        'endpoint',
        names === '' ? 'leads nowhere' : `leads to ${names}`,
        '',
        '',
        '',
        url,
      ];
    });
  } catch {
    return [];
  }
}
