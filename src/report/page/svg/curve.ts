import type { Curve } from '../../picture/items';
import { paint } from '../palette';
import type { Drawing } from './drawing';
import type { TimeScale } from './time-scale';

const height = 26;
/** Units of the curve's own field, which is stretched to the plot. */
const wide = 10_000;

/** The lag as an area, with its scale. Where it was not observable there is a gap. */
export function drawCurve(curve: Curve, top: number, scale: TimeScale): Drawing {
  const most = Math.max(curve.maxBytes, 1);
  const span = scale.until - scale.from;
  const x = (at: number) => Math.round(((at - scale.from) / span) * wide);
  const y = (bytes: number) => Number((height - (bytes / most) * (height - 2) - 1).toFixed(1));
  const runs = observedRuns(curve);
  const lines = runs.map((run) => run.map(({ at, bytes }) => `${x(at)} ${y(bytes)}`).join('L'));
  const areas = runs.map((run, i) => {
    const [first, last] = [run[0]?.at ?? 0, run.at(-1)?.at ?? 0];
    return `M${x(first)} ${height}L${lines[i]}L${x(last)} ${height}Z`;
  });
  const data = curve.points
    .map(({ at, bytes, ms }) => `${scale.part(at).toFixed(4)},${bytes ?? ''},${ms ?? ''}`)
    .join(';');
  const gaps = gapsOf(curve).map(
    ([from, until]) =>
      `<rect fill="url(#p-unseen)" x="${scale.x(from)}" width="${scale.width(from, until)}" y="${top + 4}" height="${height - 4}"><title>lag: not observable</title></rect>`,
  );
  if (runs.length === 0) return { svg: gaps.join(''), height: height + 4 };
  return {
    svg: `${gaps.join('')}<svg ${paint('lag', 'curve')} data-lag="${data}" data-top="${top + 2}" x="0" y="${top + 2}" width="100%" height="${height}" viewBox="0 0 ${wide} ${height}" preserveAspectRatio="none"><path d="${areas.join('')}" fill-opacity=".16" stroke="none"/><path d="M${lines.join('M')}" fill="none" stroke-width="1.6" stroke-linejoin="round" vector-effect="non-scaling-stroke"/></svg>`,
    height: height + 4,
  };
}

type Seen = { at: number; bytes: number };

function observedRuns(curve: Curve): Seen[][] {
  const runs: Seen[][] = [[]];
  for (const { at, bytes } of curve.points) {
    if (bytes === null) runs.push([]);
    else runs.at(-1)?.push({ at, bytes });
  }
  return runs.filter((run) => run.length > 0);
}

/** From the last sample that saw something to the next. */
function gapsOf(curve: Curve): [number, number][] {
  const gaps: [number, number][] = [];
  let seenAt: number | null = null;
  let isGap = false;
  for (const { at, bytes } of curve.points) {
    if (bytes !== null) {
      if (isGap) gaps.push([seenAt ?? curve.points[0]?.at ?? at, at]);
      seenAt = at;
    }
    isGap = bytes === null;
  }
  const last = curve.points.at(-1);
  if (isGap && last) gaps.push([seenAt ?? curve.points[0]?.at ?? last.at, last.at]);
  return gaps;
}
