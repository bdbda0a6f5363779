import type { Chapter } from '../../picture/chapters';
import { formatTick, ticksOf } from '../../picture/scale';
import { inkOf, paint } from '../palette';
import type { TimeScale } from './time-scale';

export const axisHeight = 38;

/** Marks of time, with a line each through all lanes. The script draws them anew when it zooms. */
export function drawAxis(chapter: Chapter, height: number, scale: TimeScale): string {
  const span = scale.until - scale.from;
  const marks = ticksOf(scale.from, scale.until, chapter.zero, 10).map((at, index) => {
    const x = scale.x(at);
    const part = scale.part(at);
    const line = `<line ${paint(at === chapter.zero ? 'zero' : 'grid')} x1="${x}" x2="${x}" y1="20" y2="${height}"/>`;
    // Near the right edge there is no room for words, and in a narrow window only for every second.
    if (part > 0.95) return line;
    const narrow = index % 2 === 1 || part > 0.88 ? ' class="t-muted odd"' : ' class="t-muted"';
    return `${line}<text fill="#5b6675"${narrow} font-size="10.5" x="${x}" dx="4" y="31">${formatTick(at - chapter.zero, span)}</text>`;
  });
  return `<g class="ticks">${marks.join('')}</g>`;
}

/** The moment that it is all about. */
export function drawEnd(chapter: Chapter, last: number, height: number, scale: TimeScale): string {
  const [word, colour] = {
    passed: ['passed', 'promotion'] as const,
    failed: ['✕ failed', 'failed'] as const,
    unfinished: ['killed', 'unknown'] as const,
  }[chapter.outcome];
  const x = scale.x(chapter.ended ?? last);
  return `<g pointer-events="none"><line ${paint(colour)} stroke-width="1.5" x1="${x}" x2="${x}" y1="3" y2="${height}"/><text ${inkOf(colour, 'flag')} font-weight="600" font-size="11.5" text-anchor="end" x="${x}" dx="-6" y="14">${word}</text></g>`;
}
