import { escapeHtml } from '../escape';
import { inkOf, type Paint } from '../palette';
import type { TimeScale } from './time-scale';

/** Words at a bar: in it, after it or before it. They are hidden where they have no room. */
export interface Label {
  readonly text: string;
  readonly paint: Paint;
  /** What they belong to. */
  readonly from: number;
  readonly until: number;
  /** Where the next thing in that row begins, and where the last one ended. */
  readonly room: number;
  readonly before: number;
  /** Pixels between the edge and the words. */
  readonly inset: number;
  /** The baseline. */
  readonly y: number;
  readonly isStrong?: boolean;
}

/**
 * Widths of a plot, in pixels. A label that needs more than the nth has the class `n<n>`; the
 * styles hide that in windows where a plot is narrower.
 */
export const plotWidths = [280, 420, 560, 720, 900, 1080, 1400] as const;
/** What stands beside a plot in a wide window and in a narrow one. */
export const besidePlot = { wide: 190, narrow: 112 };
/** The plot of a window of 1280 pixels: where a label stands is decided for that. */
export const nominalWidth = 1080;

export function drawLabel(label: Label, scale: TimeScale): string {
  const { text, inset, y } = label;
  const [from, until] = [scale.part(label.from), scale.part(label.until)];
  const [room, before] = [scale.part(label.room), scale.part(label.before)];
  const width = widthOf(text) + inset + 3;
  const ways = [
    { x: label.from, dx: inset, anchor: '', space: until - from },
    { x: label.until, dx: Math.max(4, inset - 2), anchor: '', space: room - until },
    {
      x: label.from,
      dx: -Math.max(4, inset - 2),
      anchor: ' text-anchor="end"',
      space: from - before,
    },
  ];
  const way = ways.find(({ space }) => space * nominalWidth >= width) ?? ways[1] ?? ways[0];
  if (!way) return '';
  const needs = width / Math.max(way.space, 1e-9);
  const size = plotWidths.findIndex((plot) => needs <= plot);
  // The script has an exact look, at every width and zoom.
  const parts = [from, until, room, before].map((part) => Number(part.toFixed(5))).join(' ');
  const seen = size < 0 ? ' display="none"' : '';
  const strong = label.isStrong ? ' font-weight="600"' : '';
  return `<text ${inkOf(label.paint, 'l', size < 0 ? 'never' : `n${size}`)} x="${scale.x(way.x)}" dx="${way.dx}" y="${y}"${way.anchor}${strong}${seen} data-l="${parts} ${Math.round(width)} ${inset}">${escapeHtml(text)}</text>`;
}

/** Pixels, as good as one can know without a font: wide scripts and emoji count for two. */
export function widthOf(text: string): number {
  return [...text].reduce((sum, char) => sum + (char > '\u1100' ? 12 : 6.4), 0);
}

/** Long texts end in `…` in a picture; all of them is told beside it. */
export function shorten(text: string, most: number): string {
  const chars = [...text.replace(/\s+/g, ' ').trim()];
  return chars.length <= most ? chars.join('') : `${chars.slice(0, most - 1).join('')}…`;
}
