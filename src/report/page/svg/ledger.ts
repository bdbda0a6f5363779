import type { Counts, Item } from '../../picture/items';
import type { Lane } from '../../picture/picture';
import { inkOf, paint } from '../palette';
import { type DrawnLane, laneName } from './drawing';
import { drawLabel } from './label';
import type { Marker } from './marked';
import type { TimeScale } from './time-scale';

const up = 24;
const down = 12;
const unknownRow = 14;

/**
 * Acknowledged writes above a line and failed ones below it, as high as there were many in that
 * time. Unknown ones may still come true: they stretch to the end.
 */
export function drawLedger(lane: Lane, top: number, scale: TimeScale, marker: Marker): DrawnLane {
  const writes = lane.items.filter(({ sort }) => sort === 'writes');
  const rate = (item: Item, count: number) => count / Math.max(item.until - item.from, 1);
  const max = (which: keyof Counts) =>
    writes.reduce((most, item) => Math.max(most, rate(item, item.counts?.[which] ?? 0)), 0);
  const most = Math.max(max('acknowledged'), max('failed'));
  const size = (item: Item, count: number, pixels: number) =>
    count === 0 ? 0 : Math.max(2, Number(((rate(item, count) / most) * pixels).toFixed(1)));
  const base = top + up + 2;
  const unknownY = base + down + 10;
  const unknown = drawUnknown(
    writes.filter(({ counts }) => (counts?.unknown ?? 0) > 0),
    unknownY,
    scale,
  );
  const bars = writes.map((item) => {
    const counts = item.counts ?? { acknowledged: 0, failed: 0, unknown: 0 };
    const box = `x="${scale.x(item.from)}" width="${scale.width(item.from, item.until)}"`;
    const above = size(item, counts.acknowledged, up);
    const below = size(item, counts.failed, down);
    return marker.group(
      item,
      `<rect ${box} y="${top}" height="${up + down + 4}" fill="none" pointer-events="all"/>` +
        (above > 0
          ? `<rect ${paint('acknowledged')} ${box} y="${base - above}" height="${above}"/>`
          : '') +
        (below > 0
          ? `<rect ${paint('failed')} stroke-width="0" ${box} y="${base + 1}" height="${below}"/>`
          : '') +
        (counts.unknown > 0
          ? `<use href="#s-unknown" ${paint('unknown')} x="${scale.x(item.from)}" y="${unknownY}"/>`
          : ''),
    );
  });
  const sum = (which: keyof Counts) =>
    writes.reduce((total, { counts }) => total + (counts?.[which] ?? 0), 0);
  const rule = `<line ${paint('rule')} x1="0" x2="100%" y1="${base + 0.5}" y2="${base + 0.5}"/>`;
  const hasUnknown = sum('unknown') > 0;
  const names = [
    laneName(lane.name === 'ledger 1' ? 'ledger' : lane.name, top + 10),
    count('acknowledged', `✓ ${sum('acknowledged')}`, top + 24),
    count('failed', `✕ ${sum('failed')}`, top + 38),
    hasUnknown ? count('unknown', `? ${sum('unknown')}`, top + 52) : '',
  ];
  const height = up + down + 4 + (hasUnknown ? unknownRow : 0);
  return { svg: rule + unknown + bars.join(''), height, names: names.join('') };
}

/** One line from the first of them on, and a mark wherever there were more. */
function drawUnknown(unknown: readonly Item[], y: number, scale: TimeScale): string {
  const [first] = unknown;
  if (!first) return '';
  const line = `<line ${paint('unknown')} stroke-width="2" stroke-dasharray="5 3" x1="${scale.x(first.from)}" x2="100%" y1="${y}" y2="${y}"/>`;
  const labels = unknown.map((item, index) => {
    const { from, counts } = item;
    const room = unknown[index + 1]?.from ?? scale.until;
    const text = `${counts?.unknown ?? 0}`;
    const place = { from, until: from, room, before: from, inset: 9, y: y - 3 };
    return drawLabel({ text, paint: 'unknown', isStrong: true, ...place }, scale);
  });
  return line + labels.join('');
}

function count(kind: 'acknowledged' | 'failed' | 'unknown', text: string, y: number): string {
  return `<text ${inkOf(kind, 'row')} font-weight="600" x="0" y="${y}">${text}</text>`;
}
