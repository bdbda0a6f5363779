import type { Curve, LagStep } from '../../picture/items';
import { paint } from '../palette';
import type { Drawing } from './drawing';
import type { TimeScale } from './time-scale';

const height = 26;
/** Units of the curve's own field, which is stretched to the plot. */
const wide = 10_000;

/** The lag as an area of steps, with its scale. Where it was not observable there are dots. */
export function drawCurve({ steps, maxBytes }: Curve, top: number, scale: TimeScale): Drawing {
  const most = Math.max(maxBytes, 1);
  const x = (at: number) => Math.round(scale.part(at) * wide);
  const y = (bytes: number) => Number((height - (bytes / most) * (height - 2) - 1).toFixed(1));
  const runs = observedRuns(steps);
  const lines = runs.map((run) =>
    run.map(({ from, until, bytes }) => `${x(from)} ${y(bytes)}H${x(until)}`).join('L'),
  );
  const areas = runs.map((run, i) => {
    const [first, last] = [run[0]?.from ?? 0, run.at(-1)?.until ?? 0];
    return `M${x(first)} ${height}L${lines[i]}L${x(last)} ${height}Z`;
  });
  const data = steps
    .map(({ from, until, bytes, ms }) =>
      [scale.part(from).toFixed(4), scale.part(until).toFixed(4), bytes, ms].join(','),
    )
    .join(';');
  const gaps = steps
    .filter(({ bytes }) => bytes === null)
    .map(
      ({ from, until }) =>
        `<rect fill="url(#p-unseen)" x="${scale.x(from)}" width="${scale.width(from, until)}" y="${top + 4}" height="${height - 4}"><title>lag: not observable</title></rect>`,
    );
  const path =
    runs.length === 0
      ? ''
      : `<path d="${areas.join('')}" fill-opacity=".16" stroke="none"/><path d="M${lines.join('M')}" fill="none" stroke-width="1.6" stroke-linejoin="round" vector-effect="non-scaling-stroke"/>`;
  return {
    svg: `${gaps.join('')}<svg ${paint('lag', 'curve')} data-lag="${data}" data-top="${top + 2}" x="0" y="${top + 2}" width="100%" height="${height}" viewBox="0 0 ${wide} ${height}" preserveAspectRatio="none">${path}</svg>`,
    height: height + 4,
  };
}

type Seen = LagStep & { readonly bytes: number };

/** What was seen without a break. */
function observedRuns(steps: readonly LagStep[]): Seen[][] {
  const runs: Seen[][] = [];
  steps.forEach((step, index) => {
    const { bytes } = step;
    if (bytes === null) return;
    const before = steps[index - 1];
    const goesOn = before !== undefined && before.bytes !== null && before.until === step.from;
    if (!goesOn) runs.push([]);
    runs.at(-1)?.push({ ...step, bytes });
  });
  return runs;
}
