import type { Item } from '../../picture/items';
import { type Paint, paint } from '../palette';
import type { Drawing } from './drawing';
import type { Marker } from './marked';
import type { TimeScale } from './time-scale';

/** The lines of a server's log, by severity: shape and colour. */
export function drawLog(
  lines: readonly Item[],
  top: number,
  scale: TimeScale,
  marker: Marker,
): Drawing {
  if (lines.length === 0) return { svg: '', height: 0 };
  // The grave ones are drawn last, above the others.
  const marks = [...lines]
    .sort((a, b) => rank(a) - rank(b))
    .map((line) => {
      const [symbol, colour] = symbolOf(line.look ?? '');
      const use = `<use href="#s-${symbol}" x="${scale.x(line.from)}" y="${top + 8}" ${paint(colour)}/>`;
      return marker.group(line, use);
    });
  return { svg: marks.join(''), height: 16 };
}

function symbolOf(severity: string): [string, Paint] {
  if (severity === 'FATAL' || severity === 'PANIC') return ['fatal', 'failed'];
  if (severity === 'ERROR') return ['error', 'bad'];
  return severity === 'WARNING' ? ['warning', 'warning'] : ['line', 'line'];
}

function rank({ tone }: Item): number {
  return tone === 'bad' ? 2 : tone === 'doubtful' ? 1 : 0;
}
