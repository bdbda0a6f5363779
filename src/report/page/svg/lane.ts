import type { Lane } from '../../picture/picture';
import { escapeHtml } from '../escape';
import { inkOf } from '../palette';
import { actStyle, drawBars, endpointStyle, faultStyle, testStyle } from './bars';
import { drawCurve } from './curve';
import { drawGrounds } from './grounds';
import { drawLedger } from './ledger';
import { drawLog } from './log';
import type { Marker } from './marked';
import { drawStatements } from './statements';
import type { TimeScale } from './time-scale';

/** A part of a plot, from its top down. */
export interface Drawing {
  readonly svg: string;
  readonly height: number;
}

export interface DrawnLane extends Drawing {
  /** What stands left of it. */
  readonly names: string;
}

/** A lane whose upper edge is at `top`. */
export function drawLane(lane: Lane, top: number, scale: TimeScale, marker: Marker): DrawnLane {
  switch (lane.kind) {
    case 'node':
      return drawNode(lane, top, scale, marker);
    case 'ledger':
      return drawLedger(lane, top, scale, marker);
    default: {
      const style = { test: testStyle, acts: actStyle, endpoint: endpointStyle }[lane.kind];
      const bars = drawBars(lane.items, style, top, scale, marker);
      return { ...bars, names: laneName(lane.name, top + 13) };
    }
  }
}

/** What it was as its ground, and on that: its name, faults, statements, lag, log. */
function drawNode(lane: Lane, top: number, scale: TimeScale, marker: Marker): DrawnLane {
  const of = (...sorts: string[]) => lane.items.filter(({ sort }) => sorts.includes(sort));
  const names = [laneName(lane.name, top + 14, true)];
  let y = top + 21;
  // An arrow from above ends where the words of what the node is now begin.
  const arrivals = of('promotion', 'rejoin').map(({ from }) => from);
  const parts: string[] = [];
  const add = (name: string, middle: number, { svg, height }: Drawing) => {
    if (height === 0) return;
    parts.push(svg);
    if (name !== '') names.push(rowName(name, y + middle));
    y += height;
  };
  add('', 0, drawBars(of('fault', 'hit'), faultStyle, y, scale, marker));
  const statements = of('statement');
  const log = of('log');
  add('statements', 10, drawStatements(statements, y, scale, marker));
  if (lane.curve) add('lag', 14, drawCurve(lane.curve, y, scale));
  add('log', 11, drawLog(log, y, scale, marker));
  const height = y - top + 3;
  const ground = drawGrounds(of('role'), arrivals, top, height, scale, marker);
  return { svg: ground + parts.join(''), height, names: names.join('') };
}

export function laneName(name: string, y: number, isStrong = false): string {
  return `<text ${inkOf('ink', 'name')} x="0" y="${y}"${isStrong ? ' font-weight="700"' : ''}>${escapeHtml(name)}</text>`;
}

export function rowName(name: string, y: number): string {
  return `<text ${inkOf('muted', 'row')} x="0" y="${y}">${escapeHtml(name)}</text>`;
}
