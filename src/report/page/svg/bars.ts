import type { Item } from '../../picture/items';
import { inRows } from '../../picture/rows';
import type { Paint } from '../palette';
import { paint } from '../palette';
import type { Drawing } from './drawing';
import { drawLabel, nominalWidth, shorten, widthOf } from './label';
import type { Marker } from './marked';
import type { TimeScale } from './time-scale';

export interface BarStyle {
  readonly height: number;
  readonly pitch: number;
  readonly most: number;
  readonly paintOf: (item: Item) => Paint;
  readonly labelOf: (item: Item) => string;
}

/** Bars with their names, in as many rows as they need. */
export function drawBars(
  items: readonly Item[],
  style: BarStyle,
  top: number,
  scale: TimeScale,
  marker: Marker,
): Drawing {
  const extent = (item: Item) => {
    const [from, until] = [scale.part(item.from), scale.part(item.until)];
    const words = item.sort === 'hook' ? 0 : (widthOf(style.labelOf(item)) + 14) / nominalWidth;
    if (words <= until - from) return { from, until };
    // At the right edge its words stand before it.
    return until + words <= 1 ? { from, until: until + words } : { from: from - words, until };
  };
  const { rows, rowOf } = inRows(items, extent, style.most);
  const bars: string[] = [];
  const labels: string[] = [];
  items.forEach((item, index) => {
    const row = rowOf.get(item) ?? 0;
    const y = top + row * style.pitch;
    bars.push(drawBar(item, style, y, scale, marker));
    const own = (other: Item) => rowOf.get(other) === row;
    const next = items.slice(index + 1).find(own);
    const last = items.slice(0, index).findLast(own);
    labels.push(
      drawLabel(
        {
          text: style.labelOf(item),
          paint: 'ink',
          from: item.from,
          until: item.until,
          room: next ? next.from : scale.until,
          before: last ? last.until : scale.from,
          inset: item.sort === 'hit' ? 10 : 6,
          y: y + style.height / 2 + 4,
        },
        scale,
      ),
    );
  });
  // Names lie above all bars: where a bar is short its name runs over the ground.
  return { svg: bars.join('') + labels.join(''), height: rows * style.pitch };
}

function drawBar(item: Item, style: BarStyle, y: number, scale: TimeScale, marker: Marker): string {
  if (item.sort === 'hit') {
    const symbol = `<use href="#s-hit" x="${scale.x(item.from)}" y="${y + style.height / 2}" ${paint('fault')}/>`;
    return marker.group(item, symbol);
  }
  const { attributes, title } = marker.mark(item);
  const open = item.isOpen ? ' stroke-dasharray="4 2"' : '';
  const name = style.paintOf(item);
  const x = `x="${scale.x(item.from)}" width="${scale.width(item.from, item.until)}"`;
  // A bar of a moment is seen by its border.
  const rect = `<rect ${paint(name)} ${x} y="${y}" height="${style.height}" rx="3"${open}/>`;
  const hatch =
    item.sort === 'fault'
      ? `<rect fill="url(#p-fault)" ${x} y="${y}" height="${style.height}" rx="3" pointer-events="none"/>`
      : '';
  return `<g ${attributes}>${title}${rect}${hatch}</g>`;
}

export const testStyle: BarStyle = {
  height: 17,
  pitch: 20,
  most: 4,
  paintOf: ({ sort, tone }) => (sort === 'hook' && tone === 'plain' ? 'hook' : paintOfTone(tone)),
  labelOf: ({ label }) => shorten(label, 90),
};

export const actStyle: BarStyle = {
  height: 17,
  pitch: 20,
  most: 5,
  paintOf: ({ tone }) => (tone === 'plain' ? 'act' : paintOfTone(tone)),
  labelOf: ({ label }) => shorten(label, 40),
};

export const faultStyle: BarStyle = {
  height: 16,
  pitch: 19,
  most: 5,
  paintOf: () => 'fault',
  labelOf: ({ label, sort }) => (sort === 'hit' ? shorten(label, 44) : shorten(label, 48)),
};

export const endpointStyle: BarStyle = {
  height: 17,
  pitch: 20,
  most: 1,
  paintOf: ({ tone }) => (tone === 'plain' ? 'endpoint' : 'doubtful'),
  labelOf: ({ label }) => shorten(label, 40),
};

function paintOfTone(tone: Item['tone']): Paint {
  return tone === 'plain' ? 'hook' : tone;
}
