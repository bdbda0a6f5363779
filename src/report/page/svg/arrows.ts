import type { Item } from '../../picture/items';
import { paint } from '../palette';
import type { Marker } from './marked';
import type { TimeScale } from './time-scale';

/** Where a lane begins and ends. */
export interface Edges {
  readonly top: number;
  readonly bottom: number;
}

/** Arrows between lanes, from edge to edge so that they cover few words: a promotion goes to the new master, a rejoin to who follows now. */
export function drawArrows(
  items: readonly Item[],
  edgesOf: (lane: string) => Edges | undefined,
  scale: TimeScale,
  marker: Marker,
): string {
  return items
    .map((item) => {
      const source = edgesOf(item.fromLane ?? '');
      const target = edgesOf(item.lane);
      if (!source || !target || source === target) return '';
      const isDown = target.top > source.top;
      const [from, to] = isDown
        ? [source.bottom, target.top + 12]
        : [source.top, target.bottom - 12];
      const isPromotion = item.sort === 'promotion';
      const tip = isDown ? to - 6 : to + 6;
      const x = scale.x(item.from);
      const line = `x1="${x}" x2="${x}" y1="${from}" y2="${tip}"`;
      const ends = paint(isPromotion ? 'promoted' : 'followed');
      const look = isPromotion
        ? `${paint('promotion')} stroke-width="2.5"`
        : `${paint('follows')} stroke-width="1.5" stroke-dasharray="4 3"`;
      return marker.group(
        item,
        `<line ${line} stroke="#000" stroke-opacity="0" stroke-width="9"/>` +
          `<line ${line} ${look}/>` +
          `<use href="#s-${isDown ? 'down' : 'up'}" x="${x}" y="${to}" ${ends}/>` +
          `<use href="#s-dot" x="${x}" y="${from}" ${ends}/>`,
      );
    })
    .join('');
}
