import type { EndpointIs, NodeIs, RecordLine } from '../records';
import { type Curve, type Item, item, type LagStep } from './items';

type Is<Kind> = Kind & { readonly at: number };

/** What the nodes were, one after another, and the arrows between them where that changed. */
export function nodeItems(records: readonly RecordLine[], last: number): Item[] {
  const changes = records.filter((record) => record.kind === 'node');
  const names = [...new Set(changes.map(({ node }) => node))];
  return [...names.flatMap((name) => grounds(name, changes, last)), ...arrows(changes)];
}

function grounds(name: string, all: readonly Is<NodeIs>[], last: number): Item[] {
  const own = all.filter(({ node }) => node === name);
  return own.flatMap((record, index) => {
    if (record.role === 'gone') return [];
    const until = own[index + 1]?.at ?? last;
    return item({
      sort: 'role',
      lane: name,
      from: record.at,
      until,
      isOpen: false,
      label: roleInWords(record),
      look: record.state === 'running' ? record.role : record.state,
      detail: record.timelineId === null ? '' : `timeline ${record.timelineId}`,
    });
  });
}

function roleInWords({ role: itself, state, upstream }: NodeIs): string {
  const role = upstream === null ? itself : `${itself} of ${upstream}`;
  return state === 'running' ? role : `${role}, ${state}`;
}

/** From the former master to the new one, and from a master to the slave that begins to follow it. */
function arrows(changes: readonly Is<NodeIs>[]): Item[] {
  const now = new Map<string, NodeIs>();
  let master: string | null = null;
  return changes.flatMap((record) => {
    const before = now.get(record.node);
    now.set(record.node, record);
    const formerMaster = master;
    if (record.role === 'master') master = record.node;
    if (!before) return [];
    const { node, upstream } = record;
    if (record.role === 'master' && before.role === 'slave' && formerMaster !== null) {
      return item({
        sort: 'promotion',
        lane: node,
        fromLane: formerMaster,
        from: record.at,
        label: 'promoted',
        detail: `${node} takes the master’s role from ${formerMaster}`,
        tone: 'good',
      });
    }
    if (record.role === 'slave' && upstream !== null && upstream !== before.upstream) {
      return item({
        sort: 'rejoin',
        lane: node,
        fromLane: upstream,
        from: record.at,
        label: before.role === 'master' ? 'rejoins' : 'follows',
        detail: `${node} streams from ${upstream} now`,
      });
    }
    return [];
  });
}

/** Where the endpoints led. */
export function endpointItems(records: readonly RecordLine[], last: number): Item[] {
  const changes = records.filter((record) => record.kind === 'endpoint');
  return changes.map((record: Is<EndpointIs>, index) => {
    const next = changes.slice(index + 1).find(({ endpoint }) => endpoint === record.endpoint);
    return item({
      sort: 'endpoint',
      lane: record.endpoint,
      from: record.at,
      until: next?.at ?? last,
      label: record.targets.join(', ') || 'nowhere',
      tone: record.targets.length === 0 ? 'doubtful' : 'plain',
    });
  });
}

/** The lag of every slave that was asked for it, as long as it was one. */
export function curvesOf(records: readonly RecordLine[], last: number): ReadonlyMap<string, Curve> {
  const curves = new Map<string, LagStep[]>();
  const open = new Map<string, LagStep>();
  const close = (node: string, until: number) => {
    const step = open.get(node);
    if (step) curves.set(node, [...(curves.get(node) ?? []), { ...step, until }]);
    open.delete(node);
  };
  for (const record of records) {
    if (record.kind === 'node' && record.role !== 'slave') close(record.node, record.at);
    if (record.kind !== 'lag') continue;
    close(record.node, record.at);
    const { at, bytes, ms } = record;
    open.set(record.node, { from: at, until: at, bytes, ms });
  }
  for (const node of [...open.keys()]) close(node, last);
  return new Map([...curves].map(([node, steps]) => [node, curveOf(steps)]));
}

export function curveOf(steps: readonly LagStep[]): Curve {
  return { steps, maxBytes: steps.reduce((max, { bytes }) => Math.max(max, bytes ?? 0), 0) };
}
