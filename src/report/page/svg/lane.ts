import type { Lane } from '../../picture/picture';
import { formatBytes } from '../../picture/scale';
import { inkOf } from '../palette';
import { actStyle, drawBars, endpointStyle, faultStyle, testStyle } from './bars';
import { drawCurve } from './curve';
import { type Drawing, type DrawnLane, laneName, rowName } from './drawing';
import { drawGrounds } from './grounds';
import { drawLedger } from './ledger';
import { drawLog } from './log';
import type { Marker } from './marked';
import { drawStatements } from './statements';
import type { TimeScale } from './time-scale';

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
  if (lane.curve) {
    // The upper end of its scale.
    const most = lane.curve.maxBytes === 0 ? '' : formatBytes(lane.curve.maxBytes);
    names.push(`<text ${inkOf('lag', 'row')} font-size="10.5" x="0" y="${y + 25}">${most}</text>`);
    add('lag', 12, drawCurve(lane.curve, y, scale));
  }
  add('log', 11, drawLog(log, y, scale, marker));
  const height = y - top + 3;
  const ground = drawGrounds(of('role'), arrivals, top, height, scale, marker);
  return { svg: ground + parts.join(''), height, names: names.join('') };
}
