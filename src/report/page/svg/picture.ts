import type { Chapter } from '../../picture/chapters';
import type { Item } from '../../picture/items';
import type { Picture } from '../../picture/picture';
import { escapeHtml } from '../escape';
import { paint } from '../palette';
import { drawArrows, type Edges } from './arrows';
import { axisHeight, drawAxis, drawEnd } from './axis';
import { drawLane } from './lane';
import type { Marker } from './marked';
import { TimeScale } from './time-scale';

const gap = 9;
/** Arrows need some room between nodes. */
const nodeGap = 14;
/** More guides than that would hide what they lead to. */
const mostGuides = 40;

/** So many pixels the names of lanes have. */
export const namesWidth = 84;

/** The whole picture: names on the left, and the plot. */
export function drawPicture(picture: Picture, chapter: Chapter, marker: Marker): string {
  const { names, plot } = drawFields(picture, chapter, marker);
  // A table lays the two out where styles are forbidden as well.
  return `<table class="frame" role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td width="${namesWidth}">${names}</td><td>${plot}</td></tr></table>`;
}

/** The two fields, each as wide as what it is put into; an inner field of the plot is what is zoomed. */
export function drawFields(
  picture: Picture,
  chapter: Chapter,
  marker: Marker,
): { names: string; plot: string; height: number } {
  const scale = new TimeScale(picture.from, picture.until);
  const names: string[] = [];
  const lanes: string[] = [];
  const rules: string[] = [];
  const edges = new Map<string, Edges>();
  let top = axisHeight + 2;
  for (const lane of picture.lanes) {
    const drawn = drawLane(lane, top, scale, marker);
    names.push(drawn.names);
    lanes.push(`<g data-lane="${escapeHtml(lane.name)}">${drawn.svg}</g>`);
    edges.set(lane.name, { top, bottom: top + drawn.height });
    top += drawn.height + (lane.kind === 'node' ? nodeGap : gap);
    if (lane.kind !== 'node') {
      rules.push(`<line ${paint('grid')} x1="0" x2="100%" y1="${top - 4.5}" y2="${top - 4.5}"/>`);
    }
  }
  const height = Math.ceil(top);
  const items = picture.lanes.flatMap((lane) => lane.items);
  const arrows = items.filter(({ fromLane }) => fromLane !== undefined);
  const last = Math.max(...items.map(({ until }) => until), chapter.zero);
  const label = escapeHtml(`Timeline of ${chapter.name}`);
  const rule = rules.join('');
  const text = 'font-family="system-ui,sans-serif" font-size="11.5"';
  const plot = [
    rule,
    `<svg class="time" x="0" y="0" width="100%" height="${height}" overflow="visible">`,
    drawAxis(chapter, height, scale),
    ...lanes,
    drawGuides(items, height, scale),
    drawArrows(arrows, (lane) => edges.get(lane), scale, marker),
    drawEnd(chapter, last, height, scale),
    '</svg>',
  ].join('');
  return {
    height,
    names: `<svg width="100%" height="${height}" ${text}>${rule}${names.join('')}</svg>`,
    plot: `<svg class="picture" width="100%" height="${height}" role="group" aria-label="${label}" ${text} data-from="${picture.from}" data-until="${picture.until}" data-zero="${chapter.zero}">${plot}</svg>`,
  };
}

/** A faint line where each act begins leads down to what it did. */
function drawGuides(items: readonly Item[], height: number, scale: TimeScale): string {
  const acts = items.filter(({ sort, from }) => sort === 'act' && from >= scale.from);
  if (acts.length > mostGuides) return '';
  const lines = acts.map(({ from }) => {
    const x = scale.x(from);
    return `<line x1="${x}" x2="${x}" y1="${axisHeight}" y2="${height}"/>`;
  });
  return `<g ${paint('guide')} stroke-dasharray="1 3" pointer-events="none">${lines.join('')}</g>`;
}
