import type { Item } from '../../picture/items';
import { inRows } from '../../picture/rows';
import { type Paint, paint } from '../palette';
import type { Drawing } from './drawing';
import type { Marker } from './marked';
import type { TimeScale } from './time-scale';

const pitch = 8;
const height = 5;

/**
 * A small bar a statement, or many alike. Those that failed have a cross as well, and those that
 * nobody knows the end of go on to the end.
 */
export function drawStatements(
  statements: readonly Item[],
  top: number,
  scale: TimeScale,
  marker: Marker,
): Drawing {
  if (statements.length === 0) return { svg: '', height: 0 };
  const extent = (item: Item) => {
    const from = scale.part(item.from);
    return { from, until: Math.max(scale.part(item.until), from + 0.0018) };
  };
  const { rows, rowOf } = inRows(statements, extent, 3);
  const y = (item: Item) => top + 4 + (rowOf.get(item) ?? 0) * pitch;
  const groups = (['plain', 'doubtful', 'bad'] as const).map((tone) => {
    const marks = statements
      .filter((statement) => statement.tone === tone)
      .map((statement) => drawStatement(statement, y(statement), scale, marker));
    return marks.length === 0 ? '' : `<g ${paint(paints[tone])}>${marks.join('')}</g>`;
  });
  return { svg: groups.join(''), height: Math.max(rows * pitch + 6, 16) };
}

const paints: Readonly<Record<'plain' | 'doubtful' | 'bad', Paint>> = {
  plain: 'done',
  doubtful: 'unknown',
  bad: 'failed',
};

function drawStatement(item: Item, y: number, scale: TimeScale, marker: Marker): string {
  const { attributes, title } = marker.mark(item);
  const x = scale.x(item.from);
  const box = `x="${x}" width="${scale.width(item.from, item.until)}" y="${y}" height="${height}"`;
  if (item.tone === 'plain') return `<rect ${attributes} ${box} rx="1">${title}</rect>`;
  if (item.tone === 'bad') {
    return `<g ${attributes}>${title}<rect ${box} rx="1"/><use href="#s-cross" x="${x}" y="${y + height / 2}"/></g>`;
  }
  return `<g ${attributes}>${title}<rect ${box} rx="1" fill-opacity=".18" stroke-dasharray="3 2"/><use href="#s-unknown" x="${x}" y="${y + height / 2}"/></g>`;
}
